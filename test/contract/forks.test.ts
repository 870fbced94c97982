/** What every store must keep of conversations that go on from a place in another one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PageBounds, SweepRules } from '../../src/store/history.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import { DatabaseThread } from '../../src/store/sqlite/thread.ts';
import type { ConversationKey, Store } from '../../src/store/store.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';
import { type Writer, writerOf } from '../support/rows.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenroom-forks-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const ALL: PageBounds = { messagesMax: 1_000, bytesMax: 10_000_000, atLeastOne: true };
const FAR = 8_640_000_000_000;
const KEEP: SweepRules = { endedBefore: 0, deletedBefore: 0, unusedSince: null };

async function sweepAll(store: Store, rules: Partial<SweepRules>): Promise<void> {
  while ((await store.sweep({ ...KEEP, ...rules })).more);
}

async function saidIn(store: Store, key: ConversationKey): Promise<unknown[]> {
  const { messages } = await store.messages(key, null, ALL);
  return messages.map(({ content }) => content);
}

/** A conversation of three turns, `p1` to `p3`, each with its line of the transcript. */
async function told(store: Store, user: string, thread: string, p = thread): Promise<Writer> {
  const writer = await writerOf(store, user, thread);
  for (const n of [1, 2, 3]) await writer.run(`${p}${n}`, `ask ${n}`, [`say ${n}`], `line-${n}`);
  return writer;
}

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  describe(`forks in the ${name} store`, () => {
    let store: Store;
    before(async () => {
      ({ store } = await open());
    });
    after(() => store.close());

    const placesOf = async (key: ConversationKey) =>
      (await store.branches(key)).map(
        ({ threadId, runId, ownRunId }) => `${threadId} ${runId} ${ownRunId}`,
      );

    test('[BR1] a fork holds all that was said before the run, under the same ids, and is found', async () => {
      const { lease } = await told(store, 'amy', 'a');
      assert.equal(await store.fork('amy/a', 'a3', 'amy/f'), 'forked');
      const [whole, fork] = await Promise.all(
        (['amy/a', 'amy/f'] as const).map((key) => store.messages(key, null, ALL)),
      );
      assert.deepEqual(fork?.messages, whole?.messages.slice(0, 4));
      await sweepAll(store, {}); // what ended is searched once it is folded, which happens between calls
      const { found } = await store.search('amy', 'say', null, 10);
      assert.deepEqual(
        found.map(({ key, matches }) => [key, matches?.length]),
        [
          ['amy/f', 2],
          ['amy/a', 3],
        ],
      );
      const record = await store.conversation('amy/f');
      assert.equal(record?.title, 'ask 1');
      assert.deepEqual(record?.forkedFrom, { threadId: 'a', runId: 'a3' });
      assert.equal((await store.conversation('amy/a'))?.forkedFrom, null);
      const { fork: place } = await store.acquire('amy/f');
      assert.deepEqual(place, { sessions: [lease.sessionId], at: 'line-2' });
    });

    test('[BR1] its rows, pages and cursors go on behind what it brought along', async () => {
      await told(store, 'bea', 'b');
      await store.fork('bea/b', 'b3', 'bea/f');
      const { head } = await store.snapshot('bea/f', ALL);
      const writer = await writerOf(store, 'bea', 'f');
      await writer.run('own', 'ask 3, edited', ['say it']);
      const page = await store.read('bea/f', head, 1);
      assert.equal(page.valid && page.rows[0]?.seq, (head?.seq ?? 0) + 1);
      const whole = ['ask 1', 'say 1', 'ask 2', 'say 2', 'ask 3, edited', 'say it'];
      assert.deepEqual(await saidIn(store, 'bea/f'), whole);
      await sweepAll(store, { endedBefore: FAR });
      assert.deepEqual(await saidIn(store, 'bea/f'), whole);
      const small = { ...ALL, messagesMax: 4 };
      const last = await store.messages('bea/f', null, small);
      const first = await store.messages('bea/f', Number(last.before?.split('.')[1]), small);
      const paged = [...first.messages, ...last.messages].map(({ content }) => content);
      assert.deepEqual(paged, whole);
    });

    test('[BR1] what is kept as messages alone is forked the same', async () => {
      const { lease } = await told(store, 'cat', 'c');
      await sweepAll(store, { endedBefore: FAR });
      assert.equal(await store.fork('cat/c', 'c2', 'cat/f'), 'forked');
      assert.deepEqual(await saidIn(store, 'cat/f'), ['ask 1', 'say 1']);
      const { fork } = await store.acquire('cat/f');
      assert.deepEqual(fork, { sessions: [lease.sessionId], at: 'line-1' });
    });

    test('[BR1] before the first run there is nothing, and the conversation is there all the same', async () => {
      await told(store, 'dan', 'd');
      assert.equal(await store.fork('dan/d', 'd1', 'dan/f'), 'forked');
      assert.deepEqual(await saidIn(store, 'dan/f'), []);
      assert.equal((await store.conversation('dan/f'))?.title, 'ask 1');
      const { head, fork } = await store.acquire('dan/f');
      assert.equal(head, null);
      assert.equal(fork?.at, null);
      await store.accept('dan/f', { runId: 'oops', digest: 'd', text: 'oops' });
      await store.withdraw('dan/f', 'oops');
      assert.equal((await store.conversation('dan/f'))?.title, 'ask 1', 'it outlives its prompt');
    });

    test('[BR2] an answering run stands for its turn; a turn that has not ended is live', async () => {
      const writer = await writerOf(store, 'eve', 'e');
      await writer.run('e1', 'ask 1', ['say 1'], 'line-1');
      await writer.start('e2', 'ask 2');
      assert.equal(await store.fork('eve/e', 'e2', 'eve/f'), 'live');
      const asks = { type: 'RUN_FINISHED', threadId: 'e', runId: 'e2' };
      const chunk = JSON.stringify({ ...asks, outcome: { type: 'interrupt', interrupts: [] } });
      await writer.rows([{ runId: 'e2', chunk, marks: 'runEnded' }]);
      assert.equal(await store.fork('eve/e', 'e2', 'eve/f'), 'live');
      await writer.start('e3', '', 'e2');
      assert.equal(await store.fork('eve/e', 'e3', 'eve/f'), 'live');
      assert.equal(await store.fork('eve/e', 'e1', 'eve/f'), 'forked', 'an earlier turn is not');
      await writer.finish('e3', 'line-2');
      await store.accept('eve/e', { runId: 'waits', digest: 'd', text: 'x' });
      assert.equal(await store.fork('eve/e', 'waits', 'eve/g'), 'live');
      for (const runId of ['e2', 'e3']) {
        assert.equal(await store.fork('eve/e', runId, `eve/before-${runId}`), 'forked');
        assert.deepEqual(await saidIn(store, `eve/before-${runId}`), ['ask 1', 'say 1']);
        const record = await store.conversation(`eve/before-${runId}`);
        assert.deepEqual(record?.forkedFrom, { threadId: 'e', runId: 'e2' });
      }
    });

    test('[R55] [BR2] a run of another conversation, or of another user, is unknown', async () => {
      await told(store, 'fay', 'x');
      await told(store, 'fay', 'y');
      await told(store, 'gus', 'x', 'g');
      assert.equal(await store.fork('fay/x', 'y2', 'fay/f'), 'unknown');
      assert.equal(await store.fork('fay/x', 'g2', 'fay/f'), 'unknown');
      assert.equal(await store.fork('gus/x', 'x2', 'gus/f'), 'unknown');
      assert.equal(await store.fork('fay/never', 'x2', 'fay/f'), 'unknown');
      assert.equal(await store.conversation('fay/f'), null);
    });

    test('[BR3] siblings are all forks at one place, with the original, from wherever they are asked', async () => {
      await told(store, 'hal', 'h');
      await store.fork('hal/h', 'h2', 'hal/f');
      await (await writerOf(store, 'hal', 'f')).run('f1', 'edited', ['so']);
      // Edited once more, in the fork: the same place.
      await store.fork('hal/f', 'f1', 'hal/g');
      const siblings = ['h h2 h2', 'f h2 f1', 'g h2 null'];
      for (const thread of ['h', 'f', 'g'])
        assert.deepEqual(await placesOf(`hal/${thread}`), siblings, thread);
      // Another place of the original, and one that only the fork has.
      await store.fork('hal/h', 'h3', 'hal/i');
      await (await writerOf(store, 'hal', 'f')).run('f2', 'more', ['so']);
      await store.fork('hal/f', 'f2', 'hal/j');
      assert.deepEqual(await placesOf('hal/h'), [...siblings, 'h h3 h3', 'i h3 null']);
      assert.deepEqual(await placesOf('hal/f'), [...siblings, 'f f2 f2', 'j f2 null']);
      assert.deepEqual(await placesOf('hal/i'), [...siblings, 'h h3 h3', 'i h3 null']);
      assert.deepEqual(await placesOf('hal/g'), siblings);
    });

    test('[BR3] a deleted one is none of them, and its forks stay, to be forked at any message of theirs', async () => {
      await told(store, 'ida', 'o');
      await store.fork('ida/o', 'o3', 'ida/f');
      await store.fork('ida/o', 'o3', 'ida/g');
      await store.remove('ida/o', 1);
      assert.deepEqual(await placesOf('ida/f'), ['f o3 null', 'g o3 null']);
      await sweepAll(store, { deletedBefore: FAR });
      await told(store, 'ida', 'o', 'new');
      assert.deepEqual(
        await placesOf('ida/f'),
        ['f o3 null', 'g o3 null'],
        'that id is another now',
      );
      assert.equal(await store.fork('ida/f', 'o2', 'ida/h'), 'forked');
      assert.deepEqual(await saidIn(store, 'ida/h'), ['ask 1', 'say 1']);
      assert.equal((await store.acquire('ida/h')).fork?.at, 'line-1');
      await store.remove('ida/g', 1);
      assert.deepEqual(await placesOf('ida/f'), ['h o2 null', 'f o3 null']);
    });

    test('[BR4] a fork of a fork may go on from either’s session', async () => {
      const original = await told(store, 'jan', 'k');
      await store.fork('jan/k', 'k3', 'jan/f');
      const fork = await writerOf(store, 'jan', 'f');
      await fork.run('f1', 'edited', ['so'], 'line-f1');
      await fork.run('f2', 'more', ['so'], 'line-f2');
      await store.fork('jan/f', 'k2', 'jan/inherited');
      await store.fork('jan/f', 'f1', 'jan/same');
      await store.fork('jan/f', 'f2', 'jan/own');
      const [first, second] = [original.lease.sessionId, fork.lease.sessionId];
      const placeOf = async (key: ConversationKey) => (await store.acquire(key)).fork;
      assert.deepEqual(await placeOf('jan/inherited'), { sessions: [second, first], at: 'line-1' });
      assert.deepEqual(await placeOf('jan/same'), { sessions: [first], at: 'line-2' });
      assert.deepEqual(await placeOf('jan/own'), { sessions: [second], at: 'line-f1' });
    });

    test('[BR5] behind a turn whose line was never noted no line is named', async () => {
      const writer = await told(store, 'kai', 'l');
      await writer.run('l4', 'ask 4', ['say 4']);
      await writer.run('l5', 'ask 5', ['say 5'], 'line-5');
      await store.fork('kai/l', 'l5', 'kai/f');
      assert.equal((await store.acquire('kai/f')).fork?.at, null);
      const imported = { sessionId: 's', createdAt: 1, updatedAt: 1 };
      const messages = [{ id: 'i1', role: 'user' as const, content: 'old' }];
      await store.importConversation('kai/m', { ...imported, messages });
      await (await writerOf(store, 'kai', 'm')).run('m1', 'new', ['so'], 'line-m1');
      assert.equal(await store.fork('kai/m', 'm1', 'kai/n'), 'forked');
      assert.deepEqual(await saidIn(store, 'kai/n'), ['old']);
      assert.deepEqual((await store.acquire('kai/n')).fork, { sessions: ['s'], at: null });
    });

    test('[BR2] a place has at most fifty forks', async () => {
      await told(store, 'lou', 'p');
      for (let n = 0; n < 50; n++)
        assert.equal(await store.fork('lou/p', 'p2', `lou/f${n}`), 'forked');
      assert.equal(await store.fork('lou/p', 'p2', 'lou/over'), 'tooMany');
      assert.equal(await store.fork('lou/p', 'p3', 'lou/over'), 'forked', 'another place');
      await store.remove('lou/f7', 1);
      assert.equal(await store.fork('lou/p', 'p2', 'lou/again'), 'forked');
    });

    test('[BR3] a fork that is forgotten leaves nothing of it to who uses its id again', async () => {
      await told(store, 'oda', 's');
      await store.fork('oda/s', 's2', 'oda/f');
      await store.remove('oda/f', 1);
      await sweepAll(store, { deletedBefore: FAR });
      const { fork } = await writerOf(store, 'oda', 'f').then(({ lease }) => lease);
      assert.equal(fork, null);
      await told(store, 'oda', 'f');
      assert.equal((await store.conversation('oda/f'))?.forkedFrom, null);
      assert.equal(await store.fork('oda/f', 's1', 'oda/g'), 'unknown');
    });

    test('[BR1] the new conversation is told', async () => {
      await told(store, 'mia', 'q');
      const heard: string[] = [];
      const stop = store.onChanged((key) => heard.push(key));
      await store.fork('mia/q', 'q2', 'mia/f');
      stop();
      assert.deepEqual(heard, ['mia/f']);
    });
  });
}

test('[BR3] forks are what they were after a restart', async () => {
  const file = join(dir, 'again.db');
  const first = new SqliteStore(new DatabaseThread(file));
  await told(first, 'ned', 'r');
  await first.fork('ned/r', 'r3', 'ned/f');
  const branches = await first.branches('ned/f');
  await first.close();
  const second = new SqliteStore(new DatabaseThread(file));
  assert.deepEqual(await second.branches('ned/f'), branches);
  assert.equal((await second.acquire('ned/f')).fork?.at, 'line-2');
  assert.equal(await second.fork('ned/f', 'r2', 'ned/g'), 'forked');
  assert.deepEqual(await saidIn(second, 'ned/g'), ['ask 1', 'say 1']);
  await second.close();
});
