/** A code block that is still being written grows at its end; what is there already is left alone. */
import { unescapeHtml } from './escape.ts';

/** How a block that is one open fence begins and ends; see `codeBlock`. */
const BEGIN = '<div class="code">';
const OPEN = ' data-open="">';
const END = '\n</code></pre></div>\n';
/** A browser lays out anew all of a text that grows: beyond so many UTF-16 units its whole lines become a piece. */
const GROWING_MAX = 4_000;

/** What was added to the code between two states of a block, as text. Null: it is no open fence, or not by adding. */
export function addedCode(before: string, after: string): string | null {
  const isFence = before.startsWith(BEGIN) && before.endsWith(END) && after.endsWith(END);
  if (!isFence || !before.includes(OPEN)) return null;
  const kept = before.slice(0, -END.length);
  if (!after.startsWith(kept)) return null;
  return unescapeHtml(after.slice(kept.length, -END.length));
}

/**
 * Adds to the code instead of writing the block anew: a long fence costs no more a frame than a short one, and what a
 * reader has selected, scrolled or focused in it stays.
 * @returns Whether that was possible.
 */
export function growCode(block: Element, before: string, after: string): boolean {
  const added = addedCode(before, after);
  const text = block.querySelector('code[data-open]')?.lastChild;
  if (added === null || !(text instanceof Text)) return false;
  text.insertData(text.length - 1, added); // before the line end that closes the last line
  if (text.length > GROWING_MAX) settleLines(text);
  return true;
}

/** All lines but the last become an element of their own, which is laid out once. Not under a reader's selection. */
function settleLines(text: Text): void {
  const end = text.data.lastIndexOf('\n', text.length - 2) + 1;
  if (end === 0 || document.getSelection()?.containsNode(text, true)) return;
  const piece = document.createElement('span');
  piece.className = 'lines';
  piece.textContent = text.data.slice(0, end);
  text.before(piece);
  text.deleteData(0, end);
}
