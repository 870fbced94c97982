import type { Tokens } from 'marked';
import { language as readersLanguage, words } from '../words/words.ts';
import { escapeHtml } from './escape.ts';

/** A fence with more lines is folded once it is closed. */
export const LINES_MAX = 200;

/** A code block with its buttons. `data-open` marks one still being written: it is coloured once it is closed. */
export function codeBlock({ text, lang, raw, codeBlockStyle }: Tokens.Code): string {
  const language = /^[\w+#.-]{1,30}/.exec(lang ?? '')?.[0] ?? '';
  const isOpen = codeBlockStyle !== 'indented' && !/\n {0,3}(```+|~~~+)[ \t]*\n*$/.test(raw);
  const lines = text.split('\n').length;
  const isFolded = !isOpen && lines > LINES_MAX;
  const { codeLanguage, wrap, copy, draw, showAllLines } = words.markdown;
  const button = (name: string, label: string) =>
    `<button type="button" class="code-button ${name}">${escapeHtml(label)}</button>`;
  return (
    `<div class="code${isFolded ? ' folded' : ''}"><div class="code-head">` +
    `<span class="code-language">${escapeHtml(language || codeLanguage)}</span>` +
    `${language === 'mermaid' && !isOpen ? button('draw', draw) : ''}` +
    `${button('wrap', wrap)}${button('copy', copy)}</div>` +
    `<pre tabindex="0"><code data-lang="${escapeHtml(language)}"${isOpen ? ' data-open=""' : ''}>` +
    `${escapeHtml(text)}\n</code></pre>` +
    `${isFolded ? button('unfold', showAllLines(lines.toLocaleString(readersLanguage))) : ''}</div>\n`
  );
}
