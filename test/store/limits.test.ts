/** What every store must do with its ledger; each rule runs on each implementation. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { Days } from '../../src/store/days.ts';
import type { Spending } from '../../src/store/limits.ts';
import { conversationKey, type Lease, type Store } from '../../src/store/store.ts';
import { budgeted, NO_TOKENS } from '../../src/tokens.ts';
import { demanding, HOUR_MS } from '../support/limits.ts';
import { RESTARTABLE, type Restartable } from '../support/restartable.ts';

const DAY_MS = 24 * HOUR_MS;
/** A Wednesday noon in UTC. */
const NOON = Date.UTC(2026, 10, 25, 12);
const BERLIN = 'Europe/Berlin';
/** After so long it is given back what was taken for a prompt that was never accepted. */
const UNACCEPTED_MS = 120_001;
const RULES = { endedBefore: 0, deletedBefore: 0, unusedSince: null };

const spending = (inputTokens: number, outputTokens = 0): Spending => ({
  ...NO_TOKENS,
  inputTokens,
  outputTokens,
  costUsd: 0.01,
});

/** Accepts the prompt, and begins its run. */
async function begin(store: Store, runId: string, thread: string, user = 'u'): Promise<Lease> {
  const key = conversationKey(user, thread);
  await store.accept(key, { runId, digest: 'd', text: 'hello' });
  const lease = await store.acquire(key);
  const row = { runId, chunk: '{"type":"RUN_STARTED"}', marks: 'runStarted' as const };
  await store.append(lease, [row], 'sync');
  return lease;
}

/** And ends it, having used so much. */
async function run(store: Store, runId: string, thread: string, spent: Spending): Promise<void> {
  const lease = await begin(store, runId, thread);
  const row = { runId, chunk: '{"type":"RUN_FINISHED"}', marks: 'runEnded' as const, spent };
  await store.append(lease, [row], 'sync');
}

async function sweep(store: Store): Promise<void> {
  while ((await store.sweep(RULES)).more);
}

/** A fuzzed life of one user, with restarts in between. */
const Step = fc.oneof(
  fc.record({ do: fc.constant('take' as const), thread: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constantFrom('accept' as const, 'begin' as const, 'end' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: DAY_MS }) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

for (const [name, { slowness, open }] of Object.entries(RESTARTABLE)) {
  describe(`the ledger of the ${name} store`, () => {
    let now = NOON;
    const opened = new Set<Restartable>();
    afterEach(async () => {
      for (const { store } of opened) await store.close();
      opened.clear();
    });
    const start = async (timeZone?: string): Promise<Restartable> => {
      const server = await open(() => now, timeZone);
      opened.add(server);
      return server;
    };
    const fresh = async (timeZone?: string): Promise<Store> => {
      now = NOON;
      return (await start(timeZone)).store;
    };

    test('[R25] no hour and no day ever holds more than its maximum', async () => {
      const store = await fresh();
      const days = new Days('UTC');
      let users = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 2 * HOUR_MS }), { maxLength: 60 }),
          fc.integer({ min: 0, max: 5 }),
          fc.integer({ min: 0, max: 12 }),
          async (gaps, hour, day) => {
            users += 1;
            const taken: number[] = [];
            let at = NOON;
            for (const gap of gaps) {
              at += gap;
              const answer = await store.take(demanding(`u${users}`, { hour, day }), at);
              if (answer.ok) taken.push(at);
              assert.ok(taken.filter((one) => one > at - HOUR_MS).length <= hour);
              assert.ok(taken.filter((one) => one >= days.of(at).from).length <= day);
            }
          },
        ),
        { seed: 25, numRuns: 200 / slowness },
      );
    });

    test('[R26] a refused try, and one that was given back, cost nothing', async () => {
      const store = await fresh();
      const limits = { hour: 2, day: 1, tokens: 100, runs: 1 };
      const first = demanding('u', limits, { reserve: 10 });
      assert.ok((await store.take(first, NOON)).ok);
      const before = await store.uses('u', NOON);
      for (let i = 0; i < 5; i++)
        assert.equal((await store.take(demanding('u', limits, { reserve: 10 }), NOON)).ok, false);
      assert.deepEqual(await store.uses('u', NOON), before);
      await store.giveBack('u', first.runId);
      await store.giveBack('u', first.runId);
      assert.deepEqual(
        Object.values(await store.uses('u', NOON)).map(({ used }) => used),
        [0, 0, 0, 0],
      );
      assert.ok((await store.take(demanding('u', limits), NOON)).ok);
    });

    test('[R7] [R25] the same run is charged once, however often it is asked for', async () => {
      const store = await fresh();
      const demand = demanding('u', { hour: 1 });
      for (let i = 0; i < 3; i++) assert.ok((await store.take(demand, NOON + i)).ok);
      assert.equal((await store.uses('u', NOON)).hour.used, 1);
    });

    test('[R29] a try after retryAfterMs succeeds, and not a millisecond before', async () => {
      const store = await fresh();
      let users = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 3 * HOUR_MS }), { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 10, max: 100 }),
          async (gaps, hour, day, tokens) => {
            users += 1;
            const demand = () => demanding(`u${users}`, { hour, day, tokens }, { reserve: 10 });
            let at = NOON;
            for (const gap of gaps) {
              at += gap;
              const refused = await store.take(demand(), at);
              if (refused.ok) continue;
              const { retryAfterMs } = refused;
              assert.ok(retryAfterMs !== null && refused.resetAt === at + retryAfterMs);
              const again = demand();
              assert.equal((await store.take(again, at + retryAfterMs - 1)).ok, false);
              at += retryAfterMs;
              assert.equal((await store.take(again, at)).ok, true);
            }
          },
        ),
        { seed: 29, numRuns: 200 / slowness },
      );
    });

    test('[R29] a limit of 0 never opens, and is the one that is told', async () => {
      const store = await fresh();
      await store.take(demanding('u', { hour: 1 }), NOON);
      assert.deepEqual(await store.take(demanding('u', { hour: 1, tokens: 0 }), NOON), {
        ...{ ok: false, limit: 'tokens', max: 0, remaining: 0 },
        ...{ retryAfterMs: null, resetAt: null },
      });
    });

    test('[R25] [R28] tokens are held while a run is open, and counted as used once it has ended', async () => {
      const store = await fresh();
      const limits = { tokens: 1_000 };
      const first = demanding('u', limits, { runId: 'a', thread: 't', reserve: 600 });
      assert.ok((await store.take(first, NOON)).ok);
      assert.deepEqual(await store.take(demanding('u', limits, { reserve: 600 }), NOON), {
        ...{ ok: false, limit: 'tokens', max: 1_000, remaining: 400 },
        ...{ retryAfterMs: DAY_MS / 2, resetAt: NOON + DAY_MS / 2 },
      });
      await run(store, 'a', 't', spending(100, 50));
      assert.equal((await store.uses('u', NOON)).tokens.used, 150);
      assert.ok((await store.take(demanding('u', limits, { reserve: 600 }), NOON)).ok);
    });

    test('[R28] what a run uses while it streams counts at once; over the budget it is told, with the figures', async () => {
      const store = await fresh();
      await store.take(demanding('u', { tokens: 1_000 }, { runId: 'a', thread: 't' }), NOON);
      await begin(store, 'a', 't');
      const counts = {
        ...{ ...NO_TOKENS, inputTokens: 300, cacheWriteTokens: 200, cacheReadTokens: 90_000 },
      };
      assert.equal(await store.spend('u', 'a', counts, 1_000), null);
      assert.equal((await store.uses('u', NOON)).tokens.used, 500);
      const more = { ...counts, outputTokens: 520 };
      assert.deepEqual(await store.spend('u', 'a', more, 1_000), {
        ...{ used: 1_020, max: 1_000, runTokens: budgeted(more), resetAt: NOON + DAY_MS / 2 },
      });
      assert.equal(await store.spend('u', 'a', more, null), null, 'the operator lifted it');
      await store.spend('u', 'a', counts, 1_000);
      assert.equal((await store.uses('u', NOON)).tokens.used, 1_020, 'figures only grow');
    });

    test('[R25] conversations at work count, not the prompts that wait in them; approvals are none', async () => {
      const store = await fresh();
      const limits = { runs: 1 };
      for (const runId of ['a', 'b'])
        assert.ok((await store.take(demanding('u', limits, { runId, thread: 't' }), NOON)).ok);
      const elsewhere = demanding('u', limits, { thread: 'other' });
      const refused = await store.take(elsewhere, NOON);
      assert.ok(!refused.ok && refused.limit === 'runs' && refused.retryAfterMs === null);
      await run(store, 'a', 't', spending(1));
      assert.equal((await store.take(elsewhere, NOON)).ok, false, 'the other one has not ended');
      await run(store, 'b', 't', spending(1));
      assert.ok((await store.take(elsewhere, NOON)).ok);
      // An answer to an approval goes on in a run of its own, which nothing was asked for.
      await begin(store, 'answer', 't');
      const { runs, hour } = await store.uses('u', NOON);
      assert.deepEqual([runs.used, hour.used], [2, 3]);
    });

    test('[R25] [R27] [R28] over any interleaving with restarts: limits hold, nothing is charged twice or lost', async () => {
      const server = await start();
      const limits = { hour: 5, day: 8, tokens: 100, runs: 2 };
      const days = new Days('UTC');
      type Entry = {
        runId: string;
        thread: string;
        at: number;
        is: 'taken' | 'kept' | 'live' | 'over';
      };
      let users = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(Step, { maxLength: 40 }), async (steps) => {
          users += 1;
          const user = `u${users}`;
          let model: Entry[] = [];
          const next = (is: Entry['is']) => model.find((entry) => entry.is === is);
          for (const step of steps) {
            if (step.do === 'wait') now += step.ms;
            else if (step.do === 'take') {
              const thread = `t${step.thread}`;
              const demand = demanding(user, limits, { thread, reserve: 10 });
              const living = model.filter((entry) => entry.is !== 'over');
              const others = new Set(
                living.map((entry) => entry.thread).filter((one) => one !== thread),
              );
              const today = model.filter(({ at }) => at >= days.of(now).from);
              const fits =
                model.filter(({ at }) => at > now - HOUR_MS).length < 5 &&
                today.length < 8 &&
                today.length * 10 + 10 <= 100 &&
                others.size < 2;
              assert.equal((await server.store.take(demand, now)).ok, fits);
              if (fits) model.push({ runId: demand.runId, thread, at: now, is: 'taken' });
            } else if (step.do === 'accept') {
              const entry = next('taken');
              if (!entry) continue;
              const command = { runId: entry.runId, digest: 'd', text: 'x' };
              await server.store.accept(conversationKey(user, entry.thread), command);
              entry.is = 'kept';
            } else if (step.do === 'begin') {
              const entry = next('kept');
              const isLive = (other: Entry) =>
                other.is === 'live' && other.thread === entry?.thread;
              // One at a time in its conversation.
              if (!entry || model.some(isLive)) continue;
              await begin(server.store, entry.runId, entry.thread, user);
              const counts = { ...NO_TOKENS, inputTokens: 10 };
              await server.store.spend(user, entry.runId, counts, null);
              entry.is = 'live';
            } else if (step.do === 'end') {
              const entry = next('live');
              if (!entry) continue;
              // It ends what it takes over, as interrupted.
              const { term } = await server.store.acquire(conversationKey(user, entry.thread));
              assert.ok(term > 0);
              entry.is = 'over';
            } else {
              await server.restart();
              now += UNACCEPTED_MS;
              await sweep(server.store);
              model = model.filter((entry) => entry.is !== 'taken');
              for (const entry of model) if (entry.is === 'live') entry.is = 'over';
            }
            const uses = await server.store.uses(user, now);
            const today = model.filter(({ at }) => at >= days.of(now).from);
            assert.equal(uses.hour.used, model.filter(({ at }) => at > now - HOUR_MS).length);
            assert.equal(uses.day.used, today.length);
            assert.equal(uses.tokens.used, today.length * 10);
            const threads = model.filter(({ is }) => is !== 'over').map(({ thread }) => thread);
            assert.equal(uses.runs.used, new Set(threads).size);
          }
        }),
        { seed: 27, numRuns: 60 / slowness },
      );
    });

    test('[R28] after kill -9 a run that was live is charged what was counted, and what never began nothing', async () => {
      now = NOON;
      const server = await start();
      const { store } = server;
      for (const runId of ['live', 'waiting', 'taken', 'parked'])
        await store.take(demanding('u', {}, { runId, thread: runId, reserve: 500 }), NOON);
      await begin(store, 'live', 'live');
      await store.spend('u', 'live', { ...NO_TOKENS, outputTokens: 70 }, null);
      const command = (runId: string) => ({ runId, digest: 'd', text: 'x' });
      await store.accept(conversationKey('u', 'waiting'), command('waiting'));
      await store.park(conversationKey('u', 'parked'), command('parked'));
      const ids = await server.restart();
      assert.deepEqual(ids, { waiting: ['waiting'], parked: ['parked'] });
      now += UNACCEPTED_MS;
      await sweep(server.store);
      const { tokens, runs, day } = await server.store.uses('u', NOON);
      assert.deepEqual(
        [tokens.used, runs.used, day.used],
        [570, 1, 2],
        'one over, one that will begin',
      );
    });

    test('[R29] days begin at midnight of the zone, whatever the clock on the machine says', async () => {
      const store = await fresh(BERLIN);
      const beforeMidnight = Date.UTC(2026, 10, 25, 22, 59, 59, 999); // 23:59:59.999 in Berlin
      const limits = { day: 1, tokens: 100 };
      const demand = () => demanding('u', limits, { reserve: 100 });
      assert.ok((await store.take(demand(), beforeMidnight)).ok);
      const refused = await store.take(demand(), beforeMidnight);
      assert.ok(!refused.ok && refused.retryAfterMs === 1);
      assert.ok((await store.take(demand(), beforeMidnight + 1)).ok);
    });

    test('[R29] the days on which clocks change have 23 and 25 hours', async () => {
      const store = await fresh(BERLIN);
      for (const [date, hours] of [
        [Date.UTC(2026, 2, 29, 10), 23],
        [Date.UTC(2026, 9, 25, 10), 25],
        [Date.UTC(2026, 10, 25, 10), 24],
      ] as const) {
        const day = new Days(BERLIN).of(date);
        assert.equal(day.until - day.from, hours * HOUR_MS);
        assert.ok((await store.take(demanding(`u${hours}`, { day: 1 }), day.from)).ok);
        const refused = await store.take(demanding(`u${hours}`, { day: 1 }), day.from + 1);
        assert.ok(!refused.ok && refused.retryAfterMs === hours * HOUR_MS - 1);
      }
    });

    test('[R25] a clock that is set back does not open a window twice', async () => {
      const store = await fresh();
      const limits = { hour: 1, day: 2 };
      assert.ok((await store.take(demanding('u', limits), NOON)).ok);
      assert.equal((await store.take(demanding('u', limits), NOON - HOUR_MS / 2)).ok, false);
      assert.ok((await store.take(demanding('u', limits), NOON + HOUR_MS)).ok);
    });

    test('usage is told by user and day, and stays when old entries are folded into sums', async () => {
      const store = await fresh();
      for (const [runId, spent] of [
        ['a', spending(100, 10)],
        ['b', spending(1, 2)],
      ] as const) {
        await store.take(demanding('u', {}, { runId, thread: runId }), now);
        await run(store, runId, runId, spent);
      }
      const kept = demanding('v', {});
      await store.take(kept, now);
      await store.accept(kept.key, { runId: kept.runId, digest: 'd', text: 'x' });
      const query = { from: '2026-11-01', to: '2026-11-30', user: null };
      const day = (user: string, prompts: number, inputTokens: number, outputTokens: number) => ({
        ...{ user, day: '2026-11-25', prompts, inputTokens, outputTokens },
        ...{ cacheReadTokens: 0, cacheWriteTokens: 0 },
      });
      const told = async () => (await store.usage(query)).map(({ costUsd: _, ...rest }) => rest);
      const before = [day('u', 2, 101, 12), day('v', 1, 0, 0)];
      assert.deepEqual(await told(), before);
      const [mine] = await store.usage({ ...query, user: 'u' });
      assert.ok(Math.abs((mine?.costUsd ?? 0) - 0.02) < 1e-9);
      now += 3 * DAY_MS;
      await sweep(store);
      assert.deepEqual(await told(), before);
      assert.equal((await store.uses('u', NOON)).day.used, 0, 'its entries are sums now');
      assert.deepEqual(await store.usage({ ...query, to: '2026-11-24' }), []);
    });
  });
}

test('[R29] where midnight is skipped the day begins when the clocks have moved', () => {
  // In Beirut, 0:00 of 29 March 2026 did not exist.
  const day = new Days('Asia/Beirut').of(Date.UTC(2026, 2, 29, 10));
  assert.equal(new Date(day.from).toISOString(), '2026-03-28T22:00:00.000Z');
  assert.equal(day.date, '2026-03-29');
});

test('a zone that is not known is refused', () => {
  assert.throws(() => new Days('Mars/Olympus'), RangeError);
});
