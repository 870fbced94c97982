import { Marked, type Token, type Tokens } from 'marked';
import { words } from '../words/words.ts';
import { codeBlock } from './code-block.ts';
import { escapeHtml } from './escape.ts';
import { footnote, footnoteList, footnoteRef, gatherFootnotes } from './footnotes.ts';
import { link } from './link.ts';
import { mathBlock, mathInline } from './math.ts';

/**
 * Markdown to HTML text, a pure function. Raw HTML is shown as the characters it is; images become links, so
 * that looking at an answer asks no foreign server; only http(s) and mailto links are links. The result still
 * goes through `sanitise` before it reaches the page: this is the first wall, not the only one.
 */
const marked = new Marked({
  gfm: true,
  breaks: false,
  extensions: [mathBlock, mathInline, footnote, footnoteRef, footnoteList],
  renderer: {
    html: ({ text }) => escapeHtml(text),
    heading({ tokens, depth }) {
      // The page's own headings come first: h1 names the page, h2 each speaker.
      const level = Math.min(6, depth + 2);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    link({ href, tokens }) {
      return link(href, this.parser.parseInline(tokens));
    },
    image({ href, text }) {
      const { image, imageOf } = words.markdown;
      return link(href, escapeHtml(text === '' ? image : imageOf(text)));
    },
    checkbox({ checked }) {
      const { taskDone, taskOpen } = words.markdown;
      return (
        `<span class="task" role="checkbox" aria-checked="${checked}" aria-disabled="true" ` +
        `aria-label="${escapeHtml(checked ? taskDone : taskOpen)}"></span> `
      );
    },
    code: codeBlock,
    table(token) {
      return `<div class="table" tabindex="0">${table(token, (cell) => this.parser.parseInline(cell.tokens))}</div>\n`;
    },
  },
});

/** Splits text into top-level blocks. Concatenated `raw` gives the text back, tabs and line ends aside. */
export function lex(text: string): Tokens.Generic[] {
  return marked.lexer(text);
}

/** The blocks of a complete text, its footnotes numbered and taken to its end. */
export function lexWhole(text: string): Tokens.Generic[] {
  const tokens = lex(text);
  const walk = (roots: Token[], visit: (token: Token) => void) => {
    void marked.walkTokens(roots, visit); // promises are for asynchronous extensions, of which there are none
  };
  const notes = gatherFootnotes(tokens, walk);
  const rest = tokens.filter(({ type }) => type !== 'footnote');
  return notes === null ? rest : [...rest, notes];
}

/** HTML of blocks that `lex` made. */
export function toHtml(tokens: Tokens.Generic[]): string {
  return marked.parser(tokens);
}

function table(token: Tokens.Table, inline: (cell: Tokens.TableCell) => string): string {
  const row = (cells: Tokens.TableCell[]) => {
    const tag = cells[0]?.header ? 'th' : 'td';
    const html = cells.map((cell) => {
      const align = cell.align ? ` class="align-${cell.align}"` : '';
      return `<${tag}${align}>${inline(cell)}</${tag}>`;
    });
    return `<tr>${html.join('')}</tr>`;
  };
  return `<table><thead>${row(token.header)}</thead><tbody>${token.rows.map(row).join('')}</tbody></table>`;
}
