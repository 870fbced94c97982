import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Days } from '../../src/store/days.ts';
import type { Spending } from '../../src/store/limits.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { conversationKey } from '../../src/store/store.ts';
import { budgeted, NO_TOKENS } from '../../src/tokens.ts';
import { allowing, demanding, HOUR_MS } from '../support/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenroom-limits-'));
after(() => rmSync(dir, { recursive: true }));

const DAY_MS = 24 * HOUR_MS;
/** A Wednesday noon in UTC. */
const NOON = Date.UTC(2026, 10, 25, 12);

const open = (now = () => NOON, timeZone = 'UTC') => openDatabase(':memory:', now, timeZone);
type Database = ReturnType<typeof open>;

const spending = (inputTokens: number, outputTokens = 0): Spending => ({
  ...NO_TOKENS,
  inputTokens,
  outputTokens,
  costUsd: 0.01,
});

/** Accepts the prompt, begins its run, and ends it, having used so much. */
function run(database: Database, runId: string, thread: string, spent: Spending | null): void {
  const key = conversationKey('u', thread);
  begin(database, runId, thread);
  const { term } = database.acquire(key, 'session');
  if (spent === null) return;
  const row = { runId, chunk: '{"type":"RUN_FINISHED"}', marks: 'runEnded' as const, spent };
  database.commit([{ key, term, rows: [row], sync: true }]);
}

function begin(database: Database, runId: string, thread: string): void {
  const key = conversationKey('u', thread);
  database.accept(key, { runId, digest: 'd', text: 'hello' }, false, 'session');
  const { term } = database.acquire(key, 'session');
  const row = { runId, chunk: '{"type":"RUN_STARTED"}', marks: 'runStarted' as const };
  database.commit([{ key, term, rows: [row], sync: true }]);
}

test('[R25] no hour and no day ever holds more than its maximum', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 * HOUR_MS }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 12 }),
      (gaps, hour, day) => {
        const database = open();
        const days = new Days('UTC');
        const taken: number[] = [];
        let now = NOON;
        for (const gap of gaps) {
          now += gap;
          if (database.take(demanding('u', { hour, day }), now).ok) taken.push(now);
          assert.ok(taken.filter((at) => at > now - HOUR_MS).length <= hour);
          assert.ok(taken.filter((at) => at >= days.of(now).from).length <= day);
        }
      },
    ),
    { seed: 25, numRuns: 200 },
  );
});

test('[R26] a refused try, and one that was given back, cost nothing', () => {
  const database = open();
  const limits = { hour: 2, day: 1, tokens: 100, runs: 1 };
  const first = demanding('u', limits, { reserve: 10 });
  assert.ok(database.take(first, NOON).ok);
  const before = database.uses('u', NOON);
  for (let i = 0; i < 5; i++)
    assert.equal(database.take(demanding('u', limits, { reserve: 10 }), NOON).ok, false);
  assert.deepEqual(database.uses('u', NOON), before);
  database.giveBack('u', first.runId);
  database.giveBack('u', first.runId);
  assert.deepEqual(
    Object.values(database.uses('u', NOON)).map(({ used }) => used),
    [0, 0, 0, 0],
  );
  assert.ok(database.take(demanding('u', limits), NOON).ok);
});

test('[R7] [R25] the same run is charged once, however often it is asked for', () => {
  const database = open();
  const demand = demanding('u', { hour: 1 });
  for (let i = 0; i < 3; i++) assert.ok(database.take(demand, NOON + i).ok);
  assert.equal(database.uses('u', NOON).hour.used, 1);
});

test('[R29] a try after retryAfterMs succeeds, and not a millisecond before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 * HOUR_MS }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 10, max: 100 }),
      (gaps, hour, day, tokens) => {
        const database = open();
        const limits = { hour, day, tokens };
        let now = NOON;
        for (const gap of gaps) {
          now += gap;
          const refused = database.take(demanding('u', limits, { reserve: 10 }), now);
          if (refused.ok) continue;
          const { retryAfterMs } = refused;
          assert.ok(retryAfterMs !== null && refused.resetAt === now + retryAfterMs);
          const again = demanding('u', limits, { reserve: 10 });
          assert.equal(database.take(again, now + retryAfterMs - 1).ok, false);
          now += retryAfterMs;
          assert.equal(database.take(again, now).ok, true);
        }
      },
    ),
    { seed: 29, numRuns: 200 },
  );
});

test('[R29] a limit of 0 never opens, and is the one that is told', () => {
  const database = open();
  database.take(demanding('u', { hour: 1 }), NOON);
  const refused = database.take(demanding('u', { hour: 1, tokens: 0 }), NOON);
  assert.deepEqual(refused, {
    ...{ ok: false, limit: 'tokens', max: 0, remaining: 0 },
    ...{ retryAfterMs: null, resetAt: null },
  });
});

test('[R25] [R28] tokens are held while a run is open, and counted as used once it has ended', () => {
  const database = open();
  const limits = { tokens: 1_000 };
  assert.ok(
    database.take(demanding('u', limits, { runId: 'a', thread: 't', reserve: 600 }), NOON).ok,
  );
  const refused = database.take(demanding('u', limits, { reserve: 600 }), NOON);
  assert.deepEqual(refused, {
    ...{ ok: false, limit: 'tokens', max: 1_000, remaining: 400 },
    ...{ retryAfterMs: DAY_MS / 2, resetAt: NOON + DAY_MS / 2 },
  });
  run(database, 'a', 't', spending(100, 50));
  assert.equal(database.uses('u', NOON).tokens.used, 150);
  assert.ok(database.take(demanding('u', limits, { reserve: 600 }), NOON).ok);
});

test('[R28] what a run uses while it streams counts at once; over the budget it is told, with the figures', () => {
  const database = open();
  database.take(demanding('u', { tokens: 1_000 }, { runId: 'a', thread: 't' }), NOON);
  begin(database, 'a', 't');
  const counts = { ...NO_TOKENS, inputTokens: 300, cacheWriteTokens: 200, cacheReadTokens: 90_000 };
  assert.equal(database.spend('u', 'a', counts, 1_000), null);
  assert.equal(database.uses('u', NOON).tokens.used, 500);
  const more = { ...counts, outputTokens: 520 };
  assert.deepEqual(database.spend('u', 'a', more, 1_000), {
    ...{ used: 1_020, max: 1_000, runTokens: budgeted(more), resetAt: NOON + DAY_MS / 2 },
  });
  assert.equal(database.spend('u', 'a', more, null), null, 'the operator lifted it');
  database.spend('u', 'a', counts, 1_000);
  assert.equal(database.uses('u', NOON).tokens.used, 1_020, 'figures only grow');
});

test('[R25] conversations at work count, not the prompts that wait in them; approvals are none', () => {
  const database = open();
  const limits = { runs: 1 };
  assert.ok(database.take(demanding('u', limits, { runId: 'a', thread: 't' }), NOON).ok);
  assert.ok(database.take(demanding('u', limits, { runId: 'b', thread: 't' }), NOON).ok);
  const elsewhere = demanding('u', limits, { thread: 'other' });
  const refused = database.take(elsewhere, NOON);
  assert.ok(!refused.ok && refused.limit === 'runs' && refused.retryAfterMs === null);
  run(database, 'a', 't', spending(1));
  assert.equal(database.take(elsewhere, NOON).ok, false, 'the other one has not ended');
  run(database, 'b', 't', spending(1));
  assert.ok(database.take(elsewhere, NOON).ok);
  // An answer to an approval goes on in a run of its own, which nothing was asked for.
  begin(database, 'answer', 't');
  assert.deepEqual(
    [database.uses('u', NOON).runs.used, database.uses('u', NOON).hour.used],
    [2, 3],
  );
});

/** A fuzzed life of one user, with restarts in between. */
const Step = fc.oneof(
  fc.record({ do: fc.constant('take' as const), thread: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constantFrom('accept' as const, 'begin' as const, 'end' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: DAY_MS }) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

test('[R25] [R27] [R28] over any interleaving with restarts: limits hold, nothing is charged twice or lost', () => {
  let files = 0;
  fc.assert(
    fc.property(fc.array(Step, { maxLength: 40 }), (steps) => {
      files += 1;
      const file = join(dir, `${files}.db`);
      let now = NOON;
      let database = openDatabase(file, () => now);
      const limits = { hour: 5, day: 8, tokens: 100, runs: 2 };
      const days = new Days('UTC');
      type Entry = {
        runId: string;
        thread: string;
        at: number;
        is: 'taken' | 'kept' | 'live' | 'over';
      };
      let model: Entry[] = [];
      const next = (is: Entry['is']) => model.find((entry) => entry.is === is);
      for (const step of steps) {
        if (step.do === 'wait') now += step.ms;
        else if (step.do === 'take') {
          const thread = `t${step.thread}`;
          const demand = demanding('u', limits, { thread, reserve: 10 });
          const open = model.filter((entry) => entry.is !== 'over');
          const others = new Set(open.map((entry) => entry.thread).filter((one) => one !== thread));
          const today = model.filter(({ at }) => at >= days.of(now).from);
          const fits =
            model.filter(({ at }) => at > now - HOUR_MS).length < 5 &&
            today.length < 8 &&
            today.length * 10 + 10 <= 100 &&
            others.size < 2;
          assert.equal(database.take(demand, now).ok, fits);
          if (fits) model.push({ runId: demand.runId, thread, at: now, is: 'taken' });
        } else if (step.do === 'accept') {
          const entry = next('taken');
          if (!entry) continue;
          const command = { runId: entry.runId, digest: 'd', text: 'x' };
          database.accept(conversationKey('u', entry.thread), command, false, 's');
          entry.is = 'kept';
        } else if (step.do === 'begin') {
          const entry = next('kept');
          // One at a time in its conversation.
          if (!entry || model.some((other) => other.is === 'live' && other.thread === entry.thread))
            continue;
          begin(database, entry.runId, entry.thread);
          database.spend('u', entry.runId, { ...NO_TOKENS, inputTokens: 10 }, null);
          entry.is = 'live';
        } else if (step.do === 'end') {
          const entry = next('live');
          if (!entry) continue;
          const key = conversationKey('u', entry.thread);
          const { term } = database.acquire(key, 's'); // ends what it takes over, as interrupted
          assert.ok(term > 0);
          entry.is = 'over';
        } else {
          database.close(); // as kill -9 leaves it: all that was answered is there
          database = openDatabase(file, () => now);
          model = model.filter((entry) => entry.is !== 'taken');
          for (const entry of model) if (entry.is === 'live') entry.is = 'over';
        }
        const uses = database.uses('u', now);
        const today = model.filter(({ at }) => at >= days.of(now).from);
        assert.equal(uses.hour.used, model.filter(({ at }) => at > now - HOUR_MS).length);
        assert.equal(uses.day.used, today.length);
        assert.equal(uses.tokens.used, today.length * 10);
        const threads = model.filter(({ is }) => is !== 'over').map(({ thread }) => thread);
        assert.equal(uses.runs.used, new Set(threads).size);
      }
      database.close();
    }),
    { seed: 27, numRuns: 60 },
  );
});

test('[R28] after kill -9 a run that was live is charged what was counted, and what never began nothing', () => {
  const file = join(dir, 'killed.db');
  const first = openDatabase(file, () => NOON);
  const demand = (runId: string) => demanding('u', {}, { runId, thread: runId, reserve: 500 });
  for (const runId of ['live', 'waiting', 'taken', 'parked']) first.take(demand(runId), NOON);
  begin(first, 'live', 'live');
  first.spend('u', 'live', { ...NO_TOKENS, outputTokens: 70 }, null);
  const command = (runId: string) => ({ runId, digest: 'd', text: 'x' });
  first.accept(conversationKey('u', 'waiting'), command('waiting'), false, 's');
  first.accept(conversationKey('u', 'parked'), command('parked'), true, 's');
  first.close();
  const second = openDatabase(file, () => NOON);
  const { tokens, runs, day } = second.uses('u', NOON);
  assert.deepEqual(
    [tokens.used, runs.used, day.used],
    [570, 1, 2],
    'one over, one that will begin',
  );
  assert.deepEqual(
    second.waiting(false).map(({ runId }) => runId),
    ['waiting'],
  );
  assert.deepEqual(
    second.waiting(true).map(({ runId }) => runId),
    ['parked'],
  );
  second.close();
});

const BERLIN = 'Europe/Berlin';

test('[R29] days begin at midnight of the zone, whatever the clock on the machine says', () => {
  const beforeMidnight = Date.UTC(2026, 10, 25, 22, 59, 59, 999); // 23:59:59.999 in Berlin
  const database = open(() => beforeMidnight, BERLIN);
  const limits = { day: 1, tokens: 100 };
  assert.ok(database.take(demanding('u', limits, { reserve: 100 }), beforeMidnight).ok);
  const refused = database.take(demanding('u', limits), beforeMidnight);
  assert.ok(!refused.ok && refused.retryAfterMs === 1);
  assert.ok(database.take(demanding('u', limits, { reserve: 100 }), beforeMidnight + 1).ok);
});

test('[R29] the days on which clocks change have 23 and 25 hours', () => {
  for (const [date, hours] of [
    [Date.UTC(2026, 2, 29, 10), 23],
    [Date.UTC(2026, 9, 25, 10), 25],
    [Date.UTC(2026, 10, 25, 10), 24],
  ] as const) {
    const day = new Days(BERLIN).of(date);
    assert.equal(day.until - day.from, hours * HOUR_MS);
    const database = open(() => day.from, BERLIN);
    assert.ok(database.take(demanding('u', { day: 1 }), day.from).ok);
    const refused = database.take(demanding('u', { day: 1 }), day.from + 1);
    assert.ok(!refused.ok && refused.retryAfterMs === hours * HOUR_MS - 1);
  }
});

test('[R29] where midnight is skipped the day begins when the clocks have moved', () => {
  // In Beirut, 0:00 of 29 March 2026 did not exist.
  const day = new Days('Asia/Beirut').of(Date.UTC(2026, 2, 29, 10));
  assert.equal(new Date(day.from).toISOString(), '2026-03-28T22:00:00.000Z');
  assert.equal(day.date, '2026-03-29');
});

test('[R25] a clock that is set back does not open a window twice', () => {
  const database = open();
  const limits = { hour: 1, day: 2 };
  assert.ok(database.take(demanding('u', limits), NOON).ok);
  assert.equal(database.take(demanding('u', limits), NOON - HOUR_MS / 2).ok, false);
  assert.ok(database.take(demanding('u', limits), NOON + HOUR_MS).ok);
});

test('usage is told by user and day, and stays when old entries are folded into sums', () => {
  let now = NOON;
  const database = open(() => now);
  const take = (runId: string) => database.take(demanding('u', {}, { runId, thread: runId }), now);
  take('a');
  run(database, 'a', 'a', spending(100, 10));
  take('b');
  run(database, 'b', 'b', spending(1, 2));
  database.take({ ...demanding('v', {}), allowance: allowing({}) }, now);
  const query = { from: '2026-11-01', to: '2026-11-30', user: null };
  const day = (user: string, prompts: number, inputTokens: number, outputTokens: number) => ({
    ...{ user, day: '2026-11-25', prompts, inputTokens, outputTokens },
    ...{ cacheReadTokens: 0, cacheWriteTokens: 0 },
  });
  const told = () => database.usage(query).map(({ costUsd: _, ...rest }) => rest);
  const before = [day('u', 2, 101, 12), day('v', 1, 0, 0)];
  assert.deepEqual(told(), before);
  assert.ok(Math.abs((database.usage({ ...query, user: 'u' })[0]?.costUsd ?? 0) - 0.02) < 1e-9);
  now += 3 * DAY_MS;
  const rules = { endedBefore: 0, deletedBefore: 0, unusedSince: null };
  while (database.sweep(rules, 'session').more);
  assert.deepEqual(told(), before);
  assert.equal(database.uses('u', NOON).day.used, 0, 'its entries are sums now');
  assert.deepEqual(database.usage({ ...query, to: '2026-11-24' }), []);
});

test('a zone that is not known is refused', () => {
  assert.throws(() => new Days('Mars/Olympus'), RangeError);
});
