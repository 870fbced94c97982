import remend from 'remend';
import { escapeMarkdown } from './escape.ts';
import { unfinishedMath } from './math.ts';
import { lex, lexWhole, toHtml } from './to-html.ts';

/** One top-level block of an answer as HTML text, not sanitised yet. */
export interface Block {
  readonly raw: string;
  readonly html: string;
}

/** A text as blocks, in a form that a longer text can start from. */
export interface Rendered {
  /** Blocks that will not change while the text grows. */
  readonly frozen: readonly Block[];
  /** How much of the text `frozen` covers. */
  readonly frozenLength: number;
  /** The last blocks, as they look so far. */
  readonly tail: readonly Block[];
}

export const NOTHING: Rendered = { frozen: [], frozenLength: 0, tail: [] };

/** A list may take in what follows the block after it, hence two, blank lines not counted. */
const TAIL_BLOCKS = 2;
const HEADING_LINES = new Set(['paragraph', 'mathBlock']);

/**
 * Renders a growing text. Only its last blocks are read again, so a frame costs the same however long the
 * answer is; half-written emphasis, links and the like are closed for show.
 * When the text is complete (`open` false) it is read once as a whole, because a link definition or a
 * footnote at the end may reach back; blocks that come out the same keep their HTML, so nothing on the page is touched.
 * @param before What this function returned for a beginning of `text`, or `NOTHING`.
 */
export function render(before: Rendered, text: string, open: boolean): Rendered {
  if (!open) return { frozen: toBlocks(lexWhole(text)), frozenLength: text.length, tail: [] };
  if (before.frozenLength > text.length) return render(NOTHING, text, open);
  const rest = text.slice(before.frozenLength);
  const tokens = lex(rest);
  const cut = cutBefore(tokens.map(({ type }) => type));
  const settled = tokens.slice(0, cut);
  const settledRaw = settled.map(({ raw }) => raw).join('');
  // The lexer normalises some characters; should its parts not add up, freeze nothing rather than lose any.
  const exact = rest.startsWith(settledRaw);
  const frozen = cut > 0 && exact ? [...before.frozen, ...toBlocks(settled)] : before.frozen;
  const frozenLength = before.frozenLength + (exact ? settledRaw.length : 0);
  return { frozen, frozenLength, tail: toBlocks(lex(mended(text.slice(frozenLength)))) };
}

/**
 * Index of the first token of the tail: the last `TAIL_BLOCKS` shown ones and all blanks after them, and what stands
 * before them without a blank line: underlined by what follows, paragraphs and the formulas between are one heading.
 */
function cutBefore(types: readonly string[]): number {
  let [cut, shown] = [types.length, 0];
  while (cut > 0 && shown < TAIL_BLOCKS) {
    cut -= 1;
    if (types[cut] !== 'space') shown += 1;
  }
  if (shown < TAIL_BLOCKS) return 0;
  while (cut > 0 && HEADING_LINES.has(types[cut - 1] ?? '')) cut -= 1;
  return cut;
}

function toBlocks(tokens: ReturnType<typeof lex>): Block[] {
  return tokens
    .filter(({ type }) => type !== 'space' && type !== 'def')
    .map((token) => ({ raw: token.raw, html: toHtml([token]) }));
}

/** Closes what is half-written; a formula without its end shows as its source, not as what it looks like. */
function mended(text: string): string {
  const formula = unfinishedMath(text);
  const options = { linkMode: 'text-only', katex: false } as const;
  if (formula < 0) return remend(text, options);
  // Only what stands before it is mended, and that without the space between, which would be cut off.
  const before = text.slice(0, formula).trimEnd();
  return remend(before, options) + escapeMarkdown(text.slice(before.length));
}
