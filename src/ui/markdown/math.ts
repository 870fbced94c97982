import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml } from './escape.ts';

/**
 * Maths in markdown: `$…$` and `\(…\)` in a line, `$$…$$` and `\[…\]` on display. As in pandoc, no space stands
 * inside a single `$`, and no digit after the closing one, so that prices stay text. A backtick ends the look for
 * it, so that code never becomes maths. What comes out is the source; `draw-math.ts` draws it on the page.
 */
const INLINE =
  /^(?:\$\$((?:\\[^`]|[^\\$`])+?)\$\$|\$(?![\s$])((?:\\[^`]|[^\\$`])*?(?:\\[^\s`]|[^\\$`\s]))\$(?!\d)|\\\(([^`]{1,5000}?)\\\)|\\\[([^`]{1,5000}?)\\\])/;

/** From the mark that opens a displayed formula to the next blank line, at most. */
const BLOCK = /^ {0,3}(\$\$|\\\[)(?:(?!\n[ \t]*\n)[^`])*/;
const CLOSED = /^( {0,3}(?:\$\$((?:\\[^`]|[^\\$`])+?)\$\$|\\\[([^`]+?)\\\]))[ \t]*(?:\n|$)/;

/** A whole block that is one formula, or the beginning of one at the end of the text. */
export const mathBlock: TokenizerAndRendererExtension = {
  name: 'mathBlock',
  level: 'block',
  start: (src) => {
    const at = /\n {0,3}(?:\$\$|\\\[)/.exec(src)?.index;
    return at === undefined ? undefined : at + 1;
  },
  tokenizer(src) {
    const reach = BLOCK.exec(src)?.[0];
    if (reach === undefined) return undefined;
    const closed = CLOSED.exec(reach);
    if (closed) {
      const tex = (closed[2] ?? closed[3] ?? '').trim();
      if (tex === '') return undefined;
      return { type: 'mathBlock', raw: closed[0], tex, source: closed[1] };
    }
    // Still being written: one block, whatever its lines look like, so that none of them is settled too soon.
    const isUnfinished = reach.length === src.length && !/\$\$|\\\]/.test(reach.trim().slice(2));
    return isUnfinished ? { type: 'mathBlock', raw: reach, tex: '', source: reach } : undefined;
  },
  renderer: ({ tex, source }: Tokens.Generic) =>
    tex === ''
      ? `<p>${escapeHtml(source)}</p>\n`
      : `<div class="math-display" tabindex="0"><span data-math="block">${escapeHtml(source.trim())}</span></div>\n`,
};

export const mathInline: TokenizerAndRendererExtension = {
  name: 'mathInline',
  level: 'inline',
  start: (src) => /\$|\\[([]/.exec(src)?.index,
  tokenizer(src) {
    const found = INLINE.exec(src);
    if (!found) return undefined;
    const display = found[1] ?? found[4];
    const tex = (display ?? found[2] ?? found[3] ?? '').trim();
    if (tex === '') return undefined;
    return { type: 'mathInline', raw: found[0], display: display !== undefined };
  },
  renderer: ({ raw, display }: Tokens.Generic) =>
    `<span data-math="${display ? 'block' : 'inline'}">${escapeHtml(raw)}</span>`,
};

/** The formula in a source with its marks. */
export function texOf(source: string): string {
  const marks = source.startsWith('$') && !source.startsWith('$$') ? 1 : 2;
  return source.slice(marks, -marks).trim();
}

/**
 * Where a formula begins that has no end yet, in a text that still grows; -1 if there is none. Looks at the last
 * paragraph only: no formula goes over a blank line.
 */
export function unfinishedMath(text: string): number {
  // In a fence that is still open everything is code.
  const fences = text.match(/^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?:```|~~~)/gm) ?? [];
  if (fences.length % 2 === 1) return -1;
  const from = text.lastIndexOf('\n\n') + 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '`') {
      const ticks = /^`+/.exec(text.slice(at))?.[0] ?? '`';
      const end = text.indexOf(ticks, at + ticks.length);
      if (end < 0) return -1;
      at = end + ticks.length - 1;
      continue;
    }
    const rest = text.slice(at);
    const closed = INLINE.exec(rest);
    if (closed) at += closed[0].length - 1;
    else if (/^(?:\$\$|\\[([])[^`]*$/.test(rest) || /^\$[^\s\d$`][^`$]*$/.test(rest)) return at;
    else if (text[at] === '\\') at += 1;
  }
  return -1;
}
