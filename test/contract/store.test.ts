/** What every store must do; each rule runs on each implementation. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NewRow, Row, RunRecord, Store } from '../../src/store/store.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';
import { demanding, HOUR_MS } from '../support/limits.ts';

const rowsOf = (run: string, ...chunks: string[]): NewRow[] =>
  chunks.map((chunk) => ({ runId: run, chunk: JSON.stringify(chunk) }));

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  describe(`the ${name} store`, () => {
    let store: Store;
    let succeed: () => Promise<Store>;
    before(async () => {
      ({ store, succeed } = await open());
    });
    after(() => store.close());

    test('[R3] rows are numbered 1, 2, 3 … in the order they were appended, whoever waits for them', async () => {
      const lease = await store.acquire('amy/order');
      const appends = Array.from({ length: 40 }, (_, i) =>
        store.append(lease, rowsOf('r', `a${i}`, `b${i}`), 'batch'),
      );
      await Promise.all(appends);
      const page = await store.read('amy/order', null, 1_000);
      assert.ok(page.valid);
      assert.deepEqual(
        page.rows.map(({ seq }) => seq),
        Array.from({ length: 80 }, (_, i) => i + 1),
      );
      assert.equal(page.rows[79]?.chunk, '"b39"');
    });

    test('the whole of a long result is kept with its row, until the conversation is forgotten', async () => {
      const key = 'amy/result';
      const lease = await store.acquire(key);
      const result = { toolCallId: 'toolu_1', text: 'whole '.repeat(20_000) };
      await store.append(lease, [{ runId: 'r', chunk: '"cut"', result }], 'batch');
      assert.equal(await store.result(key, 'toolu_1'), result.text);
      assert.equal(await store.result(key, 'toolu_2'), null);
      assert.equal(await store.result('bob/result', 'toolu_1'), null);
      const fill = { usedTokens: 14_627, maxTokens: 200_000 };
      await store.setContext(key, fill);
      assert.deepEqual(await store.context(key), fill);
      await store.accept(key, { runId: 'p', digest: 'd', text: 'hello' });
      await store.remove(key, 1);
      const rules = { endedBefore: 0, deletedBefore: 2, unusedSince: null };
      while ((await store.sweep(rules)).more);
      assert.equal(await store.result(key, 'toolu_1'), null);
      assert.equal(await store.context(key), null);
    });

    test('reading goes on after a cursor, page by page, to the head', async () => {
      const lease = await store.acquire('amy/pages');
      await store.append(lease, rowsOf('r', '1', '2', '3', '4', '5'), 'batch');
      const first = await store.read('amy/pages', null, 2);
      assert.ok(first.valid && first.rows.length === 2 && first.head?.seq === 5);
      const rest = await store.read('amy/pages', first.rows[1] as Row, 10);
      assert.deepEqual(rest.valid && rest.rows.map(({ seq }) => seq), [3, 4, 5]);
      const none = await store.read('amy/pages', { term: lease.term, seq: 5 }, 10);
      assert.deepEqual(none.valid && none.rows, []);
    });

    test('[R5] a cursor of another term, or ahead of the head, is not valid', async () => {
      const lease = await store.acquire('amy/terms');
      await store.append(lease, rowsOf('r', '1'), 'batch');
      assert.equal(
        (await store.read('amy/terms', { term: lease.term + 1, seq: 1 }, 1)).valid,
        false,
      );
      assert.equal((await store.read('amy/terms', { term: lease.term, seq: 2 }, 1)).valid, false);
      assert.equal((await store.read('amy/nothing', { term: 1, seq: 1 }, 1)).valid, false);
    });

    test('[R17] a lease that was taken over appends nothing', async () => {
      const old = await store.acquire('amy/lease');
      const next = await store.acquire('amy/lease');
      assert.ok(next.term > old.term && next.sessionId === old.sessionId);
      await assert.rejects(store.append(old, rowsOf('r', 'late'), 'batch'));
      await store.append(next, rowsOf('r', 'mine'), 'sync');
      const page = await store.read('amy/lease', null, 10);
      assert.deepEqual(page.valid && page.rows.map(({ chunk }) => chunk), ['"mine"']);
    });

    test('[R10] [FU4] who takes a conversation ends the run that was left open in it, once, and those who watch can read it', async () => {
      const key = 'amy/cut';
      await store.accept(key, { runId: 'cut', digest: 'd', text: 'x' });
      await store.accept(key, { runId: 'queued', digest: 'd', text: 'y' });
      const old = await store.acquire(key);
      await store.append(old, [{ runId: 'cut', chunk: '1', marks: 'runStarted' }], 'sync');
      const hints: unknown[] = [];
      const stop = store.tail(key, (rows) => hints.push(rows));
      const next = await store.acquire(key);
      stop();
      assert.deepEqual(next.head, { ...next.head, term: next.term, seq: 2 });
      assert.equal(hints.length, 1);
      const page = await store.read(key, { term: old.term, seq: 1 }, 10);
      assert.ok(page.valid && page.rows.length === 1);
      const { runId, term, seq, chunk } = page.rows[0] as Row;
      assert.deepEqual([runId, term, seq], ['cut', next.term, 2]);
      assert.deepEqual(
        [JSON.parse(chunk).type, JSON.parse(chunk).code],
        ['RUN_ERROR', 'interrupted'],
      );
      assert.equal((await store.run('amy', 'cut'))?.ended, true);
      assert.equal((await store.run('amy', 'queued'))?.started, false);
      assert.equal((await store.acquire(key)).head?.seq, 2);
    });

    test('those who follow the tail hear of each row once, in order, after it can be read', async () => {
      const heard: number[] = [];
      const readable: boolean[] = [];
      const stop = store.tail('amy/tail', (rows) => {
        for (const { seq } of rows ?? []) heard.push(seq);
      });
      const lease = await store.acquire('amy/tail');
      for (const chunk of ['1', '2', '3']) {
        await store.append(lease, rowsOf('r', chunk), 'batch');
        const page = await store.read('amy/tail', null, 10);
        readable.push(page.valid && page.rows.length >= heard.length);
      }
      stop();
      await store.append(lease, rowsOf('r', '4'), 'batch');
      assert.deepEqual(heard, [1, 2, 3]);
      assert.ok(readable.every(Boolean));
    });

    test('[R7] a run id is accepted once; the same again is a duplicate, another prompt a conflict', async () => {
      const command = { runId: 'r1', digest: 'd1', text: 'hello' };
      const [first, second] = await Promise.all([
        store.accept('bob/t', command),
        store.accept('bob/t', command),
      ]);
      assert.deepEqual([first, second].sort(), ['accepted', 'duplicate']);
      assert.equal(await store.accept('bob/t', { ...command, digest: 'd2' }), 'conflict');
      assert.equal(await store.accept('bob/other', command), 'conflict');
      assert.equal(await store.accept('carl/t', command), 'accepted', 'ids are unique per user');
      assert.equal((await store.head('bob/t')).exists, true);
    });

    test('a run knows where it began and that it has ended; a prompt taken back is forgotten', async () => {
      const key = 'bob/run';
      await store.accept(key, { runId: 'r2', digest: 'd', text: 'x' });
      const lease = await store.acquire(key);
      await store.append(lease, rowsOf('earlier', '0'), 'batch');
      await store.append(lease, [{ runId: 'r2', chunk: '1', marks: 'runStarted' }], 'sync');
      const live = await store.run('bob', 'r2');
      assert.deepEqual(
        [live?.started, live?.ended, live?.before],
        [true, false, { term: lease.term, seq: 1 }],
      );
      await store.withdraw(key, 'r2');
      await store.append(lease, [{ runId: 'r2', chunk: '2', marks: 'runEnded' }], 'sync');
      assert.equal((await store.run('bob', 'r2'))?.ended, true);
      await store.accept(key, { runId: 'r3', digest: 'd', text: 'x' });
      await store.withdraw(key, 'r3');
      assert.equal(await store.run('bob', 'r3'), null);
    });

    test('[R33] a sign-in lives until it expires or is revoked, and its end is told', async () => {
      const times = { createdAt: 1, usedAt: 1, expiresAt: 1_000, maxAt: 5_000 };
      const signIn = { user: 'dan', device: 'Firefox', ...times };
      for (const idHash of ['h1', 'h2', 'h3']) await store.putSignIn({ ...signIn, idHash });
      assert.deepEqual(await store.getSignIn('h1', 999), { ...signIn, idHash: 'h1' });
      assert.equal(await store.getSignIn('h1', 1_000), null);
      const revoked: string[] = [];
      const stop = store.onRevoked((idHash) => revoked.push(idHash));
      const extended: unknown[] = [];
      const stopExtended = store.onExtended((...told) => extended.push(told));
      assert.equal(await store.revokeSignIn('h2', 'eve'), false, 'another’s');
      assert.equal(await store.revokeSignIn('h2', 'dan'), true);
      assert.equal(await store.getSignIn('h2', 0), null);
      assert.equal(await store.extendSignIn('h3', 2_000, 900), true);
      assert.equal(await store.extendSignIn('h2', 2_000, 900), false);
      const left = await store.signInsOf('dan', 999);
      assert.deepEqual(left, [
        { ...signIn, idHash: 'h3', expiresAt: 2_000, usedAt: 900 },
        { ...signIn, idHash: 'h1' },
      ]);
      assert.ok((await store.signedIn(999)).includes('dan'));
      assert.ok(!(await store.signedIn(2_000)).includes('dan'));
      await store.revokeUser('dan');
      assert.equal(await store.getSignIn('h3', 0), null);
      assert.ok(revoked.includes('h2') && revoked.includes('h3'));
      assert.deepEqual(extended, [['h3', 2_000]]);
      stop();
      stopExtended();
    });

    test('[R33] [P5] whoever reads a sign-in after it was changed is answered after the change', async () => {
      const times = { createdAt: 1, usedAt: 1, expiresAt: 1_000, maxAt: 5_000 };
      const signIn = { idHash: 'k1', user: 'kim', device: 'Firefox', ...times };
      const read = () => store.getSignIn('k1', 900);
      assert.equal(await read(), null);
      await store.putSignIn(signIn);
      assert.deepEqual(await Promise.all([read(), read()]), [signIn, signIn]);
      const extended = store.extendSignIn('k1', 2_000, 900);
      if (store.cluster !== null) await extended; // only one connection keeps an order
      assert.equal((await read())?.expiresAt, 2_000);
      assert.equal(await extended, true);
      const revoked = store.revokeUser('kim');
      if (store.cluster !== null) await revoked;
      assert.equal(await read(), null);
      await revoked;
    });

    test('[R25] [R26] of 200 takes at once exactly the allowed number succeeds, and a refused one costs nothing', async () => {
      for (const [limits, allowed] of [
        [{ hour: 3 }, 3],
        [{ day: 4 }, 4],
        [{ tokens: 590 }, 5],
        [{ runs: 6 }, 6],
      ] as const) {
        const user = `eve-${allowed}`;
        const charged: boolean[] = [];
        const stop = store.onCharged((who, eased) => who === user && charged.push(eased));
        const takes = await Promise.all(
          Array.from({ length: 200 }, () =>
            store.take(demanding(user, limits, { reserve: 100 }), 10_000),
          ),
        );
        stop();
        assert.equal(takes.filter(({ ok }) => ok).length, allowed);
        assert.deepEqual(charged, Array(allowed).fill(false));
        const uses = await store.uses(user, 10_000);
        assert.deepEqual(
          [uses.hour.used, uses.day.used, uses.tokens.used, uses.runs.used],
          [allowed, allowed, allowed * 100, allowed],
        );
      }
      const refused = await store.take(demanding('eve-3', { hour: 3 }), 10_400);
      assert.deepEqual(!refused.ok && [refused.retryAfterMs, refused.resetAt], [
        HOUR_MS - 400,
        HOUR_MS + 10_000,
      ]);
    });

    test('[R29] after the time it names a take succeeds; what was given back can be taken again', async () => {
      const first = await store.take(demanding('fay', { hour: 1 }), 0);
      const refused = await store.take(demanding('fay', { hour: 1 }), 500);
      assert.ok(first.ok && !refused.ok);
      const second = demanding('fay', { hour: 1 });
      assert.ok((await store.take(second, 500 + (refused.retryAfterMs ?? 0))).ok);
      await store.giveBack('fay', second.runId);
      assert.ok((await store.take(demanding('fay', { hour: 1 }), HOUR_MS + 1)).ok);
      const none = await store.take(demanding('fay', { hour: 0 }), 5_000);
      assert.ok(!none.ok && none.retryAfterMs === null);
    });

    test('[R28] [R29] a parked prompt is kept, sent once, parked again, or taken back; what never ran is not charged', async () => {
      const demand = demanding('gus', {}, { thread: 'parked' });
      const { key, runId } = demand;
      const command = { runId, digest: 'd', text: 'later' };
      assert.equal(await store.park(key, command), 'accepted');
      assert.equal(await store.accept(key, { ...command, digest: 'other' }), 'conflict');
      const isParked = async () => (await store.run('gus', runId))?.parked;
      assert.equal(await isParked(), true);
      await store.take(demand, 0);
      assert.equal(await store.unpark(key, runId), true);
      assert.equal(await store.unpark(key, runId), false, 'once');
      assert.equal(await isParked(), false);
      assert.equal(await store.park(key, command), 'accepted');
      assert.equal((await store.uses('gus', 0)).hour.used, 0);
      assert.equal(await isParked(), true);
      assert.equal(await store.withdraw(key, runId), true);
      assert.equal(await store.withdraw(key, runId), false);
      assert.equal(await store.run('gus', runId), null);
    });

    test('[R29] a parked prompt of a conversation that was deleted is not sent', async () => {
      const { key, runId } = demanding('hal', {}, { thread: 'gone' });
      await store.park(key, { runId, digest: 'd', text: 'later' });
      await store.remove(key, Date.now());
      assert.equal(await store.unpark(key, runId), false);
      await store.restore(key);
      assert.equal(await store.unpark(key, runId), true);
    });

    test('[R11] [R29] prompts whose server has gone are the next one’s, oldest first', async () => {
      await store.accept('ida/one', { runId: 'ida-1', digest: 'd', text: 'first\0' });
      await store.accept('ida/two', { runId: 'ida-2', digest: 'd', text: 'second' });
      await store.park('ida/two', { runId: 'ida-3', digest: 'd', text: 'later' });
      store = await succeed();
      const mine = (runs: RunRecord[]) =>
        runs.filter(({ key }) => key.startsWith('ida/')).map(({ runId, text }) => [runId, text]);
      assert.deepEqual(mine(await store.waiting()), [
        ['ida-1', 'first\0'],
        ['ida-2', 'second'],
      ]);
      assert.deepEqual(mine(await store.parked()), [['ida-3', 'later']]);
    });
  });
}
