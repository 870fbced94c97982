/** What a search finds, on PostgreSQL as on SQLite, and what it reads for that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Days } from '../../../src/store/days.ts';
import type { History } from '../../../src/store/history.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import { PostgresHistory } from '../../../src/store/postgres/history.ts';
import { NoticeBoard } from '../../../src/store/postgres/notices.ts';
import { indexOf, indexQuery } from '../../../src/store/postgres/search-index.ts';
import { phrasesOf } from '../../../src/store/postgres/snippet.ts';
import { conversationKey } from '../../../src/store/store.ts';
import type { Message } from '../../../src/transport/protocol.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { pools } from '../../support/postgres-database.ts';

function historyOf(db: Database): History {
  const board = new NoticeBoard(() => {});
  return new PostgresHistory({ db, board, days: new Days('UTC'), now: Date.now });
}

let users = 0;
/** Nobody has used the name: what one try left is not found by the next. */
const someUser = () => `user-${++users}`;

/** A conversation of each list of texts, asked and answered in turns; the first is the last used. */
async function keep(
  stores: readonly History[],
  user: string,
  conversations: readonly (readonly string[])[],
): Promise<void> {
  for (const [i, texts] of conversations.entries()) {
    const messages = texts.map(
      (content, n): Message => ({ id: `m${n}`, role: n % 2 === 0 ? 'user' : 'assistant', content }),
    );
    const imported = { sessionId: null, messages, createdAt: 1, updatedAt: 1_000 - i };
    for (const store of stores)
      assert.ok(await store.importConversation(conversationKey(user, `c${i}`), imported));
  }
}

const WORDS = ['the', 'the', 'theory', 'café', 'CAFE', 'naïve', 'Straße', 'Ωmega', 'ёлка', '漢字'];
const ODD = [
  'foo-bar',
  'foo_bar',
  "it's",
  'a.b',
  'x1',
  '😀',
  'e\u0301te',
  '<b>',
  '"',
  '*',
  '...',
  'İs',
];
/** Mostly a space, so that some sentences are longer than what is shown. */
const GAPS = [...' '.repeat(16), '. ', ': ', '\n', ', ', '-', '', ' … '];
const token = fc.constantFrom(...WORDS, ...ODD, ...'abcdefgh');
const text = fc
  .array(fc.tuple(token, fc.constantFrom(...GAPS)), { minLength: 1, maxLength: 80, size: 'max' })
  .map((pairs) => pairs.flat().join(''));
const query = fc.oneof(
  fc.array(token, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
  fc.tuple(token, token, fc.constantFrom(...GAPS)).map(([one, other, gap]) => one + gap + other),
  fc.tuple(token, fc.nat(3)).map(([word, cut]) => word.slice(0, cut + 1)),
  fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
);

test('[R24] a search finds and shows the same, whichever the store', async () => {
  const [db] = await pools(1);
  const stores = [historyOf(db), memoryStore()];
  const conversations = fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(
      conversations,
      fc.array(query, { minLength: 1, maxLength: 6 }),
      async (kept, asked) => {
        const user = someUser();
        await keep(stores, user, kept);
        for (const words of asked) {
          const [found, expected] = await Promise.all(
            stores.map((store) => store.search(user, words, null, 10)),
          );
          assert.deepEqual(found?.found, expected?.found, JSON.stringify(words));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('[R30] a search reads what its own user wrote, however many wrote the same word', async () => {
  const [db] = await pools(1);
  const history = historyOf(db);
  const users = Array.from({ length: 20 }, someUser);
  for (const user of users) await keep([history], user, [['the same word', 'the same again']]);
  const [mine = ''] = users;
  const query = indexQuery(mine, phrasesOf('same'));
  const rows = await db.all('SELECT seq FROM messages WHERE words @@ $1::tsquery', query);
  assert.equal(rows.length, 2);
});

test('a message that has more words than an index holds is kept, and found by those it holds', async () => {
  const [db] = await pools(1);
  const history = historyOf(db);
  const long = Array.from({ length: 150_000 }, (_, i) => `word${i.toString(36)}`).join(' ');
  const often = `${'again and '.repeat(20_000)} last`;
  const user = someUser();
  await keep([history], user, [[long, 'x'.repeat(5_000), often]]);
  const found = async (words: string) =>
    (await history.search(user, words, null, 5)).found[0]?.matches?.map(
      ({ messageId }) => messageId,
    );
  assert.deepEqual(await found('word1a'), ['m0']);
  assert.deepEqual(await found('x'.repeat(600)), ['m1']);
  assert.deepEqual(await found('last'), ['m2']);
  assert.equal(indexOf(user, { id: 'm', role: 'tool', toolCallId: 't', content: 'x' }), null);
});
