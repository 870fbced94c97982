/**
 * Fuzzy finding: which texts hold the letters of a query in order, and how well. The best alignment of the two is
 * looked for, as fzf does: letters that begin a word and letters that stand together count most.
 */
import type { SnippetPart } from '../../transport/views.ts';

export interface Ranked<T> {
  readonly item: T;
  readonly score: number;
  /** The text, cut where what was looked for begins and ends. */
  readonly parts: readonly SnippetPart[];
}

const LETTER = 16;
const WORD_START = 8;
const TOGETHER = 6;
const GAP = 3;
/** Each further letter that is passed over. */
const GAP_MORE = 1;
/** Longer queries and texts are looked at so far only: the work grows with their product. */
const QUERY_MAX = 64;
const TEXT_MAX = 256;

/** A letter as it is compared, and where it stands in the text it is of. */
interface Letter {
  readonly folded: string;
  readonly start: number;
  readonly end: number;
  readonly beginsWord: boolean;
}

/**
 * The items whose text fits, best first, and among equals as they came; all of them as they came for a query
 * without letters.
 */
export function rank<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): Ranked<T>[] {
  const wanted = lettersOf(query, QUERY_MAX).map(({ folded }) => folded);
  const ranked = items.flatMap((item): Ranked<T>[] => {
    const text = textOf(item);
    if (wanted.length === 0) return [{ item, score: 0, parts: [{ text, hit: false }] }];
    const letters = lettersOf(text, TEXT_MAX);
    const found = align(wanted, letters);
    // Gaps cost more than words begun and letters together bring: they are strewn over the text, and no find.
    if (!found || found.score < LETTER * wanted.length) return [];
    const hits = found.at.flatMap((index) => letters[index] ?? []);
    return [{ item, score: found.score, parts: cut(text, hits) }];
  });
  return ranked.sort((a, b) => b.score - a.score);
}

/** Without case, accents and spaces: “Größe” is found by “grosse”. */
export function lettersOf(text: string, max = Number.POSITIVE_INFINITY): Letter[] {
  const letters: Letter[] = [];
  let start = 0;
  let isInWord = false;
  for (const point of text) {
    if (letters.length >= max) break;
    const end = start + point.length;
    for (const folded of fold(point)) {
      letters.push({ folded, start, end, beginsWord: !isInWord });
      isInWord = /[\p{L}\p{N}]/u.test(folded);
    }
    if (/\s/u.test(point)) isInWord = false;
    start = end;
  }
  return letters;
}

function fold(point: string): string {
  const bare = point.normalize('NFKD').replace(/[\p{M}\s]/gu, '');
  return bare.toUpperCase().toLowerCase(); // ß is SS in capitals
}

/** The best way to find the wanted letters in order; null: there is none. */
function align(
  wanted: readonly string[],
  letters: readonly Letter[],
): { score: number; at: number[] } | null {
  /** For each wanted letter and each place: where the letter before it stands best. */
  const before: number[][] = [];
  let last: number[] = [];
  wanted.forEach((letter, row) => {
    const from: number[] = [];
    /** The best place of the letter before that is not next to this one, and its score from here. */
    let far = -1;
    let farScore = Number.NEGATIVE_INFINITY;
    const now = letters.map(({ folded, beginsWord }, index) => {
      farScore -= GAP_MORE;
      const candidate = (last[index - 2] ?? Number.NEGATIVE_INFINITY) - GAP;
      if (candidate > farScore) {
        farScore = candidate;
        far = index - 2;
      }
      if (folded !== letter) return Number.NEGATIVE_INFINITY;
      const own = LETTER + (beginsWord ? WORD_START : 0);
      if (row === 0) return own;
      const together = (last[index - 1] ?? Number.NEGATIVE_INFINITY) + TOGETHER;
      from[index] = together >= farScore ? index - 1 : far;
      return own + Math.max(together, farScore);
    });
    before.push(from);
    last = now;
  });
  const score = Math.max(...last, Number.NEGATIVE_INFINITY);
  if (score === Number.NEGATIVE_INFINITY) return null;
  const at: number[] = [last.indexOf(score)];
  for (let row = wanted.length - 1; row > 0; row -= 1) at.unshift(before[row]?.[at[0] ?? 0] ?? 0);
  return { score, at };
}

function cut(text: string, hits: readonly Letter[]): SnippetPart[] {
  const parts: SnippetPart[] = [];
  const add = (start: number, end: number, hit: boolean) => {
    const last = parts.at(-1);
    if (start >= end) return;
    if (last?.hit === hit) last.text += text.slice(start, end);
    else parts.push({ text: text.slice(start, end), hit });
  };
  let done = 0;
  for (const { start, end } of hits) {
    add(done, start, false);
    add(Math.max(done, start), end, true); // one character may stand for two letters
    done = Math.max(done, end);
  }
  add(done, text.length, false);
  return parts;
}
