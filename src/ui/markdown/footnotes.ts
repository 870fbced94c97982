import type { Token, TokenizerAndRendererExtension, Tokens } from 'marked';
import { words } from '../words/words.ts';
import { escapeHtml } from './escape.ts';

/**
 * Footnotes of GitHub's markdown. Their numbers and texts depend on the whole answer, but its blocks are rendered
 * one by one while it grows: until it is complete a reference shows its label, and each text stands where it was
 * written. References are buttons, not links: an address within the page would need ids, which a text could
 * clash with, and the part of the page's address after `#` names the conversation.
 */
export const footnote: TokenizerAndRendererExtension = {
  name: 'footnote',
  level: 'block',
  childTokens: ['tokens'],
  start: (src) => {
    const at = src.search(/\n {0,3}\[\^[^\]\s]+\]:/);
    return at < 0 ? undefined : at + 1;
  },
  tokenizer(src) {
    const found =
      /^ {0,3}\[\^([^\]\s]{1,100})\]:[ \t]*([^\n]*(?:\n(?: {4}|\t)[^\n]*|\n[ \t]*(?=\n+(?: {4}|\t)[^\s]))*)(?:\n|$)/.exec(
        src,
      );
    if (!found) return undefined;
    const [raw, label = '', indented = ''] = found;
    const text = indented.replace(/\n(?: {4}|\t)/g, '\n');
    return {
      type: 'footnote',
      raw,
      label: label.toLowerCase(),
      tokens: this.lexer.blockTokens(text, []),
    };
  },
  renderer({ label, tokens, isComplete }: Tokens.Generic) {
    if (isComplete) return ''; // at the end of the answer, with the others
    const text = this.parser.parse(tokens ?? []);
    return `<div class="footnotes"><sup>${escapeHtml(label)}</sup> ${text}</div>\n`;
  },
};

export const footnoteRef: TokenizerAndRendererExtension = {
  name: 'footnoteRef',
  level: 'inline',
  start: (src) => {
    const at = src.indexOf('[^');
    return at < 0 ? undefined : at;
  },
  tokenizer(src) {
    const found = /^\[\^([^\]\s]{1,100})\](?!\()/.exec(src);
    return found
      ? { type: 'footnoteRef', raw: found[0], label: found[1]?.toLowerCase() }
      : undefined;
  },
  renderer({ raw, label, number, isComplete }: Tokens.Generic) {
    if (!isComplete) return `<sup>${escapeHtml(label)}</sup>`;
    if (number === undefined) return escapeHtml(raw);
    return (
      `<sup><button type="button" class="note-ref" data-note="${number}">` +
      `<span class="hidden">${escapeHtml(words.markdown.footnote)} </span>${number}</button></sup>`
    );
  },
};

/**
 * Numbers the references of a complete text, in the order they come, and takes its footnotes together.
 * @returns A token of them all, to be rendered last; null where nothing refers to any.
 */
export function gatherFootnotes(
  tokens: readonly Tokens.Generic[],
  walk: (tokens: Token[], visit: (token: Token) => void) => void,
): Tokens.Generic | null {
  const texts = new Map<string, Tokens.Generic>();
  const seen: Tokens.Generic[] = [];
  walk([...tokens], (token) => {
    if (token.type !== 'footnote') return;
    const note: Tokens.Generic = token;
    note.isComplete = true;
    if (!texts.has(note.label)) texts.set(note.label, note);
  });
  const number = (roots: Token[]) =>
    walk(roots, (token) => {
      if (token.type !== 'footnoteRef') return;
      const text = texts.get(token.label);
      const ref: Tokens.Generic = token;
      ref.isComplete = true;
      if (text && !seen.includes(text)) seen.push(text);
      if (text) ref.number = seen.indexOf(text) + 1;
    });
  number(tokens.filter(({ type }) => type !== 'footnote'));
  // A footnote may refer to another, which then comes after.
  for (const text of seen) number(text.tokens ?? []);
  return seen.length === 0 ? null : { type: 'footnoteList', raw: '', seen };
}

export const footnoteList: TokenizerAndRendererExtension = {
  name: 'footnoteList',
  renderer({ seen }: Tokens.Generic) {
    const items = (seen as Tokens.Generic[]).map(({ tokens }, index) => {
      const back =
        `<button type="button" class="note-back" data-note="${index + 1}">↩` +
        `<span class="hidden"> ${escapeHtml(words.markdown.backToText)}</span></button>`;
      const text = this.parser.parse(tokens ?? []).trimEnd();
      const html = text.endsWith('</p>') ? `${text.slice(0, -4)} ${back}</p>` : `${text}${back}`;
      return `<li tabindex="-1" data-note-text="${index + 1}">${html}</li>`;
    });
    return `<div class="footnotes"><ol>${items.join('')}</ol></div>\n`;
  },
};
