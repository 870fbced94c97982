/** Words as the search sees them: without case, and Latin ones without accents; all else stands between words. */

export interface Word {
  readonly text: string;
  /** Where it stands, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** What is longer is searched by its beginning. */
const LENGTH_MAX = 500;
/** Marks that are written after the letter they belong to, and are left out. */
const MARKS =
  '\\u0300-\\u0304\\u0306-\\u030c\\u030f\\u0311\\u031b\\u0323-\\u0328\\u032d\\u032e\\u0330\\u0331';
const LETTERS = '\\p{L}\\p{N}\\p{Co}';
const WORD = new RegExp(`[${LETTERS}][${LETTERS}${MARKS}]*`, 'gu');
const MARK = new RegExp(`[${MARKS}]`, 'g');
const ASCII = /^[\0-\x7f]*$/;

/** As `unicode61 remove_diacritics 2` of SQLite has them, so that every store finds the same. */
export function* wordsOf(text: string): IterableIterator<Word> {
  for (const { 0: word, index } of text.matchAll(WORD))
    yield { text: folded(word), start: index, end: index + word.length };
}

/** For what is looked for anywhere in a text: without case and accents. */
export function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function folded(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase().slice(0, LENGTH_MAX);
  return [...word.replace(MARK, '')].map(foldedLetter).join('').slice(0, LENGTH_MAX).toWellFormed();
}

function foldedLetter(letter: string): string {
  const small = smallOf(letter);
  const [base = '', ...marks] = small.normalize('NFD');
  return marks.length > 0 && /[a-z]/.test(base) ? base : small;
}

/** Of letters with two small forms, such as σ and ς, the one that their capital has. */
function smallOf(letter: string): string {
  const capital = letter.toUpperCase();
  return letter === 'ı' || [...capital].length > 1 ? letter.toLowerCase() : capital.toLowerCase();
}
