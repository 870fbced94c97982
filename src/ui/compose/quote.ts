/** Words of the conversation, quoted in the message that is being written. */

/** As markdown. Lines stay lines; what was picked out of code stays code. */
export function quoteOf(picked: string, isCode: boolean): string {
  const lines = picked
    .replaceAll('\r\n', '\n')
    .replace(/^\n+|\s+$/g, '')
    .split('\n');
  const fence = isCode ? fenceFor(picked) : null;
  const quoted = fence === null ? lines : [fence, ...lines, fence];
  return quoted.map((line) => (line.trim() === '' ? '>' : `> ${line}`)).join('\n');
}

/** Longer than any run of backticks in it. */
function fenceFor(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
}

/**
 * Puts a quote into a draft in place of what is selected there, as a paragraph of its own.
 * @returns The draft, and where one writes on: a line below the quote.
 */
export function withQuote(
  draft: string,
  start: number,
  end: number,
  quote: string,
): { text: string; caret: number } {
  const before = draft.slice(0, start).replace(/\s+$/, '');
  const after = draft.slice(end).replace(/^\s+/, '');
  const head = `${before === '' ? '' : `${before}\n\n`}${quote}\n\n`;
  return { text: head + after, caret: head.length };
}
