import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { plain, wordsOf } from '../../src/store/words.ts';

const textsOf = (text: string) => [...wordsOf(text)].map((word) => word.text);

/** How SQLite sees `text`. */
function sqlite() {
  const db = new DatabaseSync(':memory:');
  db.exec(
    `CREATE VIRTUAL TABLE t USING fts5 (words, tokenize = "unicode61 remove_diacritics 2");
     CREATE VIRTUAL TABLE terms USING fts5vocab (t, instance); BEGIN`,
  );
  const insert = db.prepare('INSERT INTO t (rowid, words) VALUES (?, ?)');
  return {
    add: (id: number, text: string) => insert.run(id, text),
    terms(): Map<number, string[]> {
      const found = new Map<number, string[]>();
      for (const { doc, term } of db
        .prepare('SELECT doc, term FROM terms ORDER BY doc, offset')
        .iterate())
        found.set(Number(doc), [...(found.get(Number(doc)) ?? []), String(term)]);
      return found;
    },
  };
}

/** Letters that became a pair of large and small ones after SQLite's tables were made, and two it keeps the accent of. */
const OTHERS = /[\u037f\u0528-\u052f\u01e0\u01e1]/;

test('[R24] each Latin, Greek and Cyrillic letter is the same word for every store', () => {
  const index = sqlite();
  const letters: string[] = [];
  for (let code = 1; code < 0x530; code++) {
    const letter = String.fromCharCode(code);
    if (/\p{Cn}/u.test(letter) || OTHERS.test(letter)) continue;
    letters.push(letter);
    index.add(letters.length, `q${letter}z`);
  }
  const terms = index.terms();
  const different = letters.filter(
    (letter, i) => terms.get(i + 1)?.join(' ') !== textsOf(`q${letter}z`).join(' '),
  );
  assert.deepEqual(
    different.map((letter) => letter.codePointAt(0)?.toString(16)),
    [],
  );
});

test('words are told with their places, marks that follow a letter included', () => {
  assert.deepEqual(
    [...wordsOf('— Cafe\u0301, 2x')],
    [
      { text: 'cafe', start: 2, end: 7 },
      { text: '2x', start: 9, end: 11 },
    ],
  );
  assert.deepEqual(textsOf('\u0301 - "" \ud800'), []);
  assert.equal(textsOf('x'.repeat(40_000))[0]?.length, 500);
});

test('a text to look in has no case and no accents', () => {
  assert.equal(plain('Crème BRÛLÉE'), 'creme brulee');
});
