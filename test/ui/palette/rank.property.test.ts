import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lettersOf, rank } from '../../../src/ui/palette/rank.ts';

/** Few letters, so that queries often fit; some with accents, and some that fold to two. */
const word = fc.string({ unit: fc.constantFrom(...'abcABC äßé-Ω漢😀ﬁ'), maxLength: 12 });
const items = fc.array(word, { maxLength: 12 });
const same = (text: string) => text;
const folded = (text: string) => lettersOf(text).map((letter) => letter.folded);

/** Whether the one holds all letters of the other, in order. */
function holds(text: readonly string[], wanted: readonly string[]): boolean {
  let at = 0;
  for (const letter of text) if (letter === wanted[at]) at += 1;
  return at === wanted.length;
}

test('every match contains the letters of the query in order, and its marks are those letters', () => {
  fc.assert(
    fc.property(word, items, (query, texts) => {
      for (const { item, parts } of rank(query, texts, same)) {
        assert.ok(holds(folded(item), folded(query)));
        assert.equal(parts.map(({ text }) => text).join(''), item);
        const marked = parts.filter(({ hit }) => hit).map(({ text }) => text);
        assert.ok(holds(folded(marked.join('')), folded(query)));
      }
    }),
  );
});

test('a text that holds the query whole is always found', () => {
  fc.assert(
    fc.property(word, word, word, (before, query, after) => {
      const text = before + query + after;
      assert.deepEqual(
        rank(query, [text], same).map(({ item }) => item),
        [text],
      );
    }),
  );
});

test('a query without letters gives everything as it came', () => {
  fc.assert(
    fc.property(fc.constantFrom('', ' ', '\t \n'), items, (query, texts) => {
      const ranked = rank(query, texts, same);
      assert.deepEqual(
        ranked.map(({ item }) => item),
        texts,
      );
      assert.ok(ranked.every(({ parts }) => parts.every(({ hit }) => !hit)));
    }),
  );
});

test('better ones come first, and equals as they came, whatever else is there', () => {
  fc.assert(
    fc.property(word, items, items, (query, texts, others) => {
      const numbered = texts.map((text, index) => ({ text, index }));
      const ranked = rank(query, numbered, ({ text }) => text);
      ranked.forEach((one, index) => {
        const next = ranked[index + 1];
        if (!next) return;
        assert.ok(one.score >= next.score);
        if (one.score === next.score) assert.ok(one.item.index < next.item.index);
      });
      // What is not there decides nothing: each one’s score is its own.
      const more = rank(query, [...texts, ...others], same).filter(({ item }) =>
        texts.includes(item),
      );
      const order = (list: readonly { item: string }[]) => [
        ...new Set(list.map(({ item }) => item)),
      ];
      assert.deepEqual(order(more), order(rank(query, texts, same)));
    }),
  );
});

test('case, accents and spaces make no difference', () => {
  fc.assert(
    fc.property(word, items, (query, texts) => {
      const found = (asked: string) => rank(asked, texts, same).map(({ item }) => item);
      assert.deepEqual(found(query.toUpperCase()), found(query));
      assert.deepEqual(found([...query].join(' ')), found(query));
      assert.deepEqual(found(query.normalize('NFD')), found(query));
    }),
  );
});

test('beginnings of words and letters that stand together count most; strewn letters are no find', () => {
  const order = (query: string, ...texts: string[]) =>
    rank(query, texts, same).map(({ item }) => item);
  assert.deepEqual(order('plan', 'A complex plant', 'Explanation', 'Old plans'), [
    'A complex plant',
    'Old plans',
    'Explanation',
  ]);
  assert.deepEqual(order('rp', 'Warp', 'Rename photos'), ['Rename photos', 'Warp']);
  assert.deepEqual(
    order('photos', 'Export this as JSON', 'Copy the link to this conversation'),
    [],
  );
  assert.deepEqual(order('ren', 'Share this conversation…'), []);
  assert.deepEqual(order('grosse', 'Größe der Datenbank'), ['Größe der Datenbank']);
  assert.deepEqual(order('rnm', 'Rename'), ['Rename']);
  assert.deepEqual(rank('gross', ['Größe'], same)[0]?.parts, [
    { text: 'Größ', hit: true },
    { text: 'e', hit: false },
  ]);
});

test('a long text and a long query cost little', () => {
  const long = 'abc '.repeat(20_000);
  assert.equal(rank('abc', [long], same).length, 1);
  assert.equal(rank(long, [long], same).length, 1);
});
