/** What every store must keep of conversations for people: messages, titles, search, and what it lets go of. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PageBounds, SweepRules } from '../../src/store/history.ts';
import type { ConversationKey, Store } from '../../src/store/store.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';
import { writerOf } from '../support/rows.ts';

const ALL: PageBounds = { messagesMax: 1_000, bytesMax: 10_000_000, atLeastOne: true };
const FAR = 8_640_000_000_000;
/** Everything that ended is due; nothing else is. */
const COMPACT: SweepRules = { endedBefore: FAR, deletedBefore: 0, unusedSince: null };

async function sweepAll(store: Store, rules: SweepRules): Promise<string[]> {
  const forgotten: string[] = [];
  for (;;) {
    const swept = await store.sweep(rules);
    if (swept.forgotten) forgotten.push(swept.forgotten.key);
    if (!swept.more) return forgotten;
  }
}

async function saidIn(store: Store, key: ConversationKey): Promise<unknown[]> {
  const { messages } = await store.messages(key, null, ALL);
  return messages.map(({ content }) => content);
}

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  describe(`history in the ${name} store`, () => {
    let store: Store;
    before(async () => {
      ({ store } = await open());
    });
    after(() => store.close());

    test('[R4] messages say the same before and after their frames are gone', async () => {
      const key = 'amy/compact';
      const writer = await writerOf(store, 'amy', 'compact');
      await writer.run('c1', 'one', ['a', 'b']);
      await writer.run('c2', 'two', ['c']);
      const whole = await store.messages(key, null, ALL);
      assert.deepEqual(await saidIn(store, key), ['one', 'ab', 'two', 'c']);
      await sweepAll(store, COMPACT);
      assert.equal((await store.read(key, null, 1)).valid, false, 'the frames are gone');
      assert.deepEqual(await store.messages(key, null, ALL), whole);
      await writer.run('c3', 'three', ['d']);
      assert.deepEqual(await saidIn(store, key), ['one', 'ab', 'two', 'c', 'three', 'd']);
    });

    test('[R3] [R5] [R6] rows go on behind what is gone; its end is a place, all before it is not', async () => {
      const key = 'amy/places';
      const writer = await writerOf(store, 'amy', 'places');
      await writer.run('p1', 'one', ['a']);
      await sweepAll(store, COMPACT);
      const { head } = await store.head(key);
      assert.equal(head?.seq, 5);
      await writer.run('p2', 'two', ['b']);
      const page = await store.read(key, head, 100);
      assert.deepEqual(page.valid && page.rows.map(({ seq }) => seq), [6, 7, 8, 9, 10]);
      const { term } = writer.lease;
      assert.equal((await store.read(key, { term, seq: 4 }, 1)).valid, false);
      assert.equal((await store.read(key, { term: term + 1, seq: 5 }, 1)).valid, false);
      assert.equal((await store.read(key, { term, seq: 11 }, 1)).valid, false);
    });

    test('[R6] a snapshot leaves the last turn to the journal, until it is gone from there', async () => {
      const key = 'amy/snapshot';
      const writer = await writerOf(store, 'amy', 'snapshot');
      await writer.run('s1', 'one', ['a']);
      await writer.run('s2', 'two', ['b']);
      const first = await store.snapshot(key, ALL);
      assert.deepEqual([first.head?.seq, first.messages.length], [5, 2]);
      await sweepAll(store, COMPACT);
      const second = await store.snapshot(key, ALL);
      assert.deepEqual([second.head?.seq, second.messages.length], [10, 4]);
      await writer.start('s3', 'three');
      await writer.say('s3', 'm', 'half');
      const third = await store.snapshot(key, ALL);
      assert.deepEqual([third.head?.seq, third.messages.length], [10, 4]);
    });

    test('[R10] a turn that waits for an answer, or runs, keeps its frames', async () => {
      const key = 'amy/asks';
      const writer = await writerOf(store, 'amy', 'asks');
      await writer.start('q1', 'may you');
      const outcome = { type: 'interrupt', interrupts: [] };
      const chunk = JSON.stringify({
        type: 'RUN_FINISHED',
        threadId: 'asks',
        runId: 'q1',
        outcome,
      });
      await writer.rows([{ runId: 'q1', chunk, marks: 'runEnded' }]);
      await sweepAll(store, COMPACT);
      assert.equal((await store.read(key, null, 10)).valid, true);
      await writer.start('q2', 'yes', 'q1');
      await sweepAll(store, COMPACT);
      assert.equal((await store.read(key, null, 10)).valid, true);
      await writer.finish('q2');
      await sweepAll(store, COMPACT);
      assert.equal((await store.read(key, null, 10)).valid, false);
      assert.deepEqual(await saidIn(store, key), ['may you', 'yes']);
    });

    test('messages are paged backwards without gap or repeat, wherever a page ends', async () => {
      const key = 'amy/paged';
      const writer = await writerOf(store, 'amy', 'paged');
      for (let i = 0; i < 7; i++) await writer.run(`g${i}`, `p${i}`, [`a${i}`]);
      await sweepAll(store, COMPACT);
      for (let i = 7; i < 10; i++) await writer.run(`g${i}`, `p${i}`, [`a${i}`]);
      const whole = await saidIn(store, key);
      for (const messagesMax of [1, 3, 20]) {
        const found: unknown[] = [];
        let before: number | null | undefined = null;
        while (before !== undefined) {
          const page = await store.messages(key, before, { ...ALL, messagesMax });
          found.unshift(...page.messages.map(({ content }) => content));
          before = page.before === null ? undefined : Number(page.before.split('.')[1]);
        }
        assert.deepEqual(found, whole);
      }
    });

    test('a conversation is called after its first prompt, until somebody names it', async () => {
      const key = 'bea/title';
      await store.accept(key, {
        runId: 't1',
        digest: 'd',
        text: '\n # Fix the login  page\nplease',
      });
      assert.equal((await store.conversation(key))?.title, 'Fix the login page');
      assert.equal(await store.rename(key, 'Login', 'claude'), true);
      await store.accept(key, { runId: 't2', digest: 'd', text: 'another' });
      assert.equal((await store.conversation(key))?.title, 'Login');
      assert.equal(await store.rename(key, 'Mine', 'user'), true);
      assert.equal(await store.rename(key, 'Theirs', 'claude'), false);
      assert.equal((await store.conversation(key))?.title, 'Mine');
      assert.equal(await store.rename('bea/unknown', 'x', 'user'), false);
    });

    test('[R55] a list has the user’s own conversations, last used first, page by page', async () => {
      for (const thread of ['l1', 'l2', 'l3', 'l4', 'l5'])
        await (await writerOf(store, 'cat', thread)).run(`run-${thread}`, `about ${thread}`, ['x']);
      await store.acquire('cat/warmed-only');
      await (await writerOf(store, 'cat', 'l2')).run('again', 'more', ['y']);
      const titles: string[] = [];
      let before: string | null = null;
      do {
        const page = await store.list('cat', before, 2);
        titles.push(...page.found.map(({ title }) => title));
        before = page.before;
      } while (before !== null);
      assert.equal(titles[0], 'about l2');
      assert.deepEqual(titles.toSorted(), [
        'about l1',
        'about l2',
        'about l3',
        'about l4',
        'about l5',
      ]);
      assert.deepEqual((await store.list('cat-other', null, 10)).found, []);
    });

    test('a search finds words of titles and messages, however they are written, and shows where', async () => {
      const writer = await writerOf(store, 'dan', 'find');
      await writer.run('f1', 'Where is the café?', ['The ', 'Straße to the <b>café</b> is "long"']);
      await (await writerOf(store, 'dan', 'other')).run('f2', 'unrelated', ['nothing here']);
      await (await writerOf(store, 'eve', 'find')).run('f1', 'café', ['café']);
      const search = async (words: string) => (await store.search('dan', words, null, 10)).found;
      const [hit, ...others] = await search('CAFE stra');
      assert.equal(others.length, 0);
      assert.equal(hit?.key, 'dan/find');
      assert.deepEqual(
        hit?.matches?.map(({ role, messageId }) => [role, messageId]),
        [['assistant', 'm-f1']],
      );
      const marked = hit?.matches?.[0]?.snippet.filter((part) => part.hit).map(({ text }) => text);
      assert.deepEqual(marked, ['Straße', 'café']);
      assert.equal((await search('unrel')).length, 1);
      for (const odd of ['"', '*', 'NEAR(', "'; --", '-', '\ue000', 'a" OR "b'])
        assert.ok(Array.isArray(await search(odd)), odd);
      assert.deepEqual(await search('nowhere-to-be-found'), []);
    });

    test('[R55] each message that a search found shows its own words, and nobody else’s', async () => {
      await (await writerOf(store, 'mia', 'hers')).run('w1', 'secret of Mia', ['one']);
      const writer = await writerOf(store, 'ned', 'his');
      await writer.run('w1', 'secret of Ned', ['no word of it']);
      await writer.run('w2', 'more', ['a secret told']);
      await sweepAll(store, { ...COMPACT, endedBefore: 0 }); // a turn is searched once it is folded
      const { found } = await store.search('ned', 'secret', null, 10);
      const shown = found.flatMap(({ matches = [] }) =>
        matches.map(({ snippet }) => snippet.map(({ text }) => text).join('')),
      );
      assert.deepEqual(shown, ['a secret told', 'secret of Ned']);
    });

    test('a deleted conversation is out of sight, can come back, and is forgotten when its time is over', async () => {
      const key = 'fay/gone';
      const writer = await writerOf(store, 'fay', 'gone');
      await writer.run('d1', 'secret plans', ['all of them']);
      assert.equal(await store.remove(key, 1_000), true);
      assert.equal(await store.remove(key, 1_000), false);
      assert.equal(await store.conversation(key), null);
      assert.deepEqual((await store.list('fay', null, 10)).found, []);
      assert.deepEqual((await store.search('fay', 'secret', null, 10)).found, []);
      assert.equal(await store.restore(key), true);
      assert.equal((await store.list('fay', null, 10)).found.length, 1);
      await store.remove(key, 1_000);
      const due = { endedBefore: 0, deletedBefore: 1_000, unusedSince: null };
      assert.deepEqual(await sweepAll(store, due), [], 'not yet');
      const cursor = (await store.head(key)).head;
      assert.deepEqual(await sweepAll(store, { ...due, deletedBefore: 1_001 }), [key]);
      assert.equal(await store.restore(key), false);
      assert.deepEqual(await saidIn(store, key), []);
      assert.equal((await store.head(key)).exists, false);
      assert.equal(await store.run('fay', 'd1'), null, 'its run ids are free again');
      assert.equal((await store.read(key, cursor, 1)).valid, false, 'no old cursor fits');
      await assert.rejects(writer.say('d1', 'm', 'late'), 'whoever held it appends nothing');
      await (await writerOf(store, 'fay', 'gone')).run('d1', 'anew', ['b']);
      assert.deepEqual(await saidIn(store, key), ['anew', 'b']);
      assert.equal((await store.read(key, cursor, 1)).valid, false, 'nor after it was begun anew');
      assert.deepEqual((await store.search('fay', 'secret', null, 10)).found, []);
    });

    test('a prompt brings a deleted conversation back', async () => {
      const key = 'gil/back';
      await (await writerOf(store, 'gil', 'back')).run('b1', 'one', ['a']);
      await store.remove(key, 1_000);
      await store.accept(key, { runId: 'b2', digest: 'd', text: 'two' });
      assert.equal((await store.conversation(key))?.title, 'one');
      assert.deepEqual(
        await sweepAll(store, { ...COMPACT, deletedBefore: FAR, endedBefore: 0 }),
        [],
      );
    });

    test('what was not used for longer than it is kept is forgotten, and nothing that runs', async () => {
      await (await writerOf(store, 'hal', 'old')).run('h1', 'one', ['a']);
      await (await writerOf(store, 'hal', 'live')).start('h2', 'two');
      const rules = { endedBefore: 0, deletedBefore: 0, unusedSince: FAR };
      const forgotten = await sweepAll(store, rules);
      assert.ok(forgotten.includes('hal/old'));
      assert.ok(!forgotten.includes('hal/live'));
      assert.equal((await store.list('hal', null, 10)).found.length, 1);
    });

    test('[R11] a prompt that is taken back before anything else leaves no conversation behind', async () => {
      const key = 'ida/none';
      await store.accept(key, { runId: 'n1', digest: 'd', text: 'oops' });
      await store.withdraw(key, 'n1');
      assert.equal((await store.head(key)).exists, false);
      assert.equal(await store.conversation(key), null);
      await store.accept(key, { runId: 'n2', digest: 'd', text: 'better' });
      assert.equal((await store.conversation(key))?.title, 'better');
    });

    test('an imported conversation reads, searches and goes on like any other, and is imported once', async () => {
      const key = 'jon/0123456789ab';
      const messages = [
        { id: 'i1', role: 'user' as const, content: 'old question', metadata: { createdAt: 5 } },
        { id: 'i2', role: 'assistant' as const, content: 'old answer', metadata: { createdAt: 6 } },
      ];
      const imported = { sessionId: 'their-session', messages, createdAt: 5, updatedAt: 6 };
      assert.equal(await store.importConversation(key, imported), true);
      assert.equal(await store.importConversation(key, imported), false);
      assert.deepEqual(await store.conversation(key), {
        key,
        title: 'old question',
        createdAt: 5,
        updatedAt: 6,
        endedAt: 0,
        forkedFrom: null,
        pinned: false,
      });
      assert.equal((await store.search('jon', 'answer', null, 5)).found[0]?.matches?.length, 1);
      const writer = await writerOf(store, 'jon', '0123456789ab');
      assert.equal(writer.lease.sessionId, 'their-session');
      const { head } = await store.snapshot(key, ALL);
      await writer.run('i3', 'new question', ['new answer']);
      const page = await store.read(key, head, 1);
      assert.equal(page.valid && page.rows[0]?.seq, 3);
      assert.deepEqual(await saidIn(store, key), [
        'old question',
        'old answer',
        'new question',
        'new answer',
      ]);
    });

    test('pinned conversations are all on the first page, on it alone, and 50 are the most', async () => {
      for (let i = 0; i < 52; i++)
        await store.accept(`lou/p${i}`, { runId: `p${i}`, digest: 'd', text: `number ${i}` });
      assert.equal(await store.pin('lou/never', true), 'unknown');
      for (let i = 0; i < 50; i++) assert.equal(await store.pin(`lou/p${i}`, true), 'done');
      assert.equal(await store.pin('lou/p50', true), 'tooMany');
      assert.equal(await store.pin('lou/p3', true), 'done', 'again is no more of them');
      const first = await store.list('lou', null, 1);
      assert.deepEqual(first.found.map(({ pinned }) => pinned).filter(Boolean).length, 50);
      assert.equal(first.found.length, 51);
      const second = await store.list('lou', first.before, 1);
      assert.deepEqual([second.found.length, second.found[0]?.pinned], [1, false]);
      assert.equal(await store.pin('lou/p3', false), 'done');
      assert.equal(await store.pin('lou/p50', true), 'done');
      assert.equal((await store.conversation('lou/p3'))?.pinned, false);
    });

    test('[HI1] the end of a run is noted, and nothing else as one', async () => {
      const ended = async () => (await store.conversation('kim/ends'))?.endedAt ?? -1;
      const writer = await writerOf(store, 'kim', 'ends');
      await writer.start('ends1', 'one');
      assert.equal(await ended(), 0);
      await writer.finish('ends1');
      const first = await ended();
      assert.ok(first > 0);
      await store.accept('kim/ends', { runId: 'ends2', digest: 'd', text: 'two' });
      await store.rename('kim/ends', 'x', 'user');
      await store.pin('kim/ends', true);
      assert.equal(await ended(), first);
      await writer.start('ends2', 'two');
      await writer.finish('ends2');
      assert.ok((await ended()) > first);
    });

    test('each change of a conversation is told', async () => {
      const heard: string[] = [];
      const stop = store.onChanged((key) => heard.push(key));
      const writer = await writerOf(store, 'kim', 'told');
      await writer.start('k1', 'one');
      const afterStart = heard.length;
      await writer.say('k1', 'm', 'text');
      assert.equal(heard.length, afterStart, 'words are no change of a list');
      await writer.finish('k1');
      assert.equal(heard.length, afterStart + 1);
      await store.rename('kim/told', 'x', 'user');
      await store.remove('kim/told', 1);
      await store.restore('kim/told');
      assert.equal(heard.length, afterStart + 4);
      stop();
      await store.rename('kim/told', 'y', 'user');
      assert.equal(heard.length, afterStart + 4);
      assert.ok(heard.every((key) => key === 'kim/told'));
    });
  });
}
