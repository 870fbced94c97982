import { Marked, type Tokens } from 'marked';

/**
 * Markdown to HTML text, a pure function. Raw HTML is shown as the characters it is; images become links, so
 * that looking at an answer asks no foreign server; only http(s) and mailto links are links. The result still
 * goes through `sanitise` before it reaches the page: this is the first wall, not the only one.
 */
const marked = new Marked({
  gfm: true,
  breaks: false,
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
    image: ({ href, text }) => link(href, escapeHtml(text === '' ? 'image' : `image: ${text}`)),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code,
    table(token) {
      return `<div class="table" tabindex="0">${table(token, (cell) => this.parser.parseInline(cell.tokens))}</div>\n`;
    },
  },
});

/** Splits text into top-level blocks. Concatenated `raw` gives the text back, tabs and line ends aside. */
export function lex(text: string): Tokens.Generic[] {
  return marked.lexer(text);
}

/** HTML of blocks that `lex` made. */
export function toHtml(tokens: Tokens.Generic[]): string {
  return marked.parser(tokens);
}

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#39;',
  );
}

/** A link that opens elsewhere; its words alone where the address is of no kind we open. */
function link(href: string, label: string): string {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return label;
  return `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
}

/** `data-open` marks a fence that is still being written: it is coloured once it is closed. */
function code({ text, lang, raw, codeBlockStyle }: Tokens.Code): string {
  const language = /^[\w+#.-]{1,30}/.exec(lang ?? '')?.[0] ?? '';
  const open = codeBlockStyle !== 'indented' && !/\n {0,3}(```+|~~~+)[ \t]*\n*$/.test(raw);
  return (
    `<div class="code"><div class="code-head"><span>${escapeHtml(language || 'text')}</span>` +
    `<button type="button" class="copy">Copy</button></div>` +
    `<pre tabindex="0"><code data-lang="${escapeHtml(language)}"${open ? ' data-open=""' : ''}>` +
    `${escapeHtml(text)}\n</code></pre></div>\n`
  );
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
