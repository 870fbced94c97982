import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Days } from '../../../src/store/days.ts';
import type { Demand } from '../../../src/store/limits.ts';
import {
  closeCharge,
  closeThread,
  forgetUnacceptedCharges,
  openCharge,
} from '../../../src/store/postgres/charges.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import { PostgresLimits } from '../../../src/store/postgres/limits.ts';
import { NoticeBoard } from '../../../src/store/postgres/notices.ts';
import { foldOldUsage } from '../../../src/store/postgres/usage.ts';
import { threadOf, userOf } from '../../../src/store/store.ts';
import { NO_TOKENS } from '../../../src/tokens.ts';
import { demanding, HOUR_MS } from '../../support/limits.ts';
import { sharedPostgres } from '../../support/postgres.ts';
import { pool, pools, untilWaiting } from '../../support/postgres-database.ts';

const NOON = Date.UTC(2026, 10, 25, 12);
const DAY_MS = 24 * HOUR_MS;
const days = new Days('UTC');

interface Server {
  readonly db: Database;
  readonly limits: PostgresLimits;
}

function serverOf(db: Database): Server {
  return { db, limits: new PostgresLimits({ db, days, board: new NoticeBoard(() => {}) }) };
}

async function servers(count: number): Promise<[Server, ...Server[]]> {
  const [first, ...rest] = await pools(count);
  return [serverOf(first), ...rest.map(serverOf)];
}

/** Keeps its prompt, as a store that accepts it does. */
async function accept({ db }: Server, { key, runId }: Demand): Promise<void> {
  await db.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, node)
     VALUES ($1, $2, 1, 'd', '"x"', 0, 'n')`,
    ...[userOf(key), runId],
  );
}

test('[R25] however many servers take for one user at once, each limit is met exactly', async () => {
  const all = await servers(4);
  for (const [limits, fits] of [
    [{ hour: 7 }, 7],
    [{ day: 5 }, 5],
    [{ tokens: 95 }, 9],
    [{ runs: 3 }, 3],
  ] as const) {
    const user = Object.keys(limits)[0] ?? '';
    const takes = Array.from({ length: 40 }, (_, i) =>
      all[i % 4]?.limits.take(demanding(user, limits, { reserve: 10 }), NOON),
    );
    const taken = (await Promise.all(takes)).filter((answer) => answer?.ok);
    assert.equal(taken.length, fits, user);
  }
});

test('[R7] [R25] a run that several servers ask for at once is charged once', async () => {
  const all = await servers(4);
  const demand = demanding('u', { hour: 1 });
  const answers = await Promise.all(all.map(({ limits }) => limits.take(demand, NOON)));
  assert.ok(answers.every(({ ok }) => ok));
  assert.equal((await all[0]?.limits.uses('u', NOON))?.hour.used, 1);
});

const Step = fc.record({
  server: fc.nat({ max: 2 }),
  user: fc.constantFrom('u', 'v'),
  thread: fc.constantFrom('a', 'b', 'c'),
  does: fc.constantFrom('take', 'take', 'take', 'giveBack', 'open', 'spend', 'close'),
});

test('[R25] [R28] over any interleaving of servers no limit is passed, and nothing is charged twice', async () => {
  const all = await servers(3);
  let users = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(Step, { minLength: 1, maxLength: 8 }), { maxLength: 6 }),
      async (rounds) => {
        users += 1;
        const limits = { hour: 6, day: 8, tokens: 100, runs: 2 };
        const taken = new Map<string, Demand>();
        const nameOf = (user: string) => `${user}${users}`;
        const act = async ({ server, user, thread, does }: (typeof rounds)[0][0]) => {
          const { db, limits: ledger } = all[server] as Server;
          const name = nameOf(user);
          if (does === 'take') {
            const demand = demanding(name, limits, { thread, reserve: 10 });
            const answer = await ledger.take(demand, NOON);
            if (answer.ok) taken.set(demand.runId, demand);
            return;
          }
          if (does === 'open') return openCharge(db, name, `claude-${thread}`, thread, NOON);
          const mine = [...taken.values()].find(({ key }) => userOf(key) === name);
          if (!mine) return;
          if (does === 'giveBack') {
            taken.delete(mine.runId);
            return ledger.giveBack(name, mine.runId);
          }
          const counts = { ...NO_TOKENS, outputTokens: 10 };
          if (does === 'close') return closeCharge(db, name, mine.runId, null);
          await ledger.spend(name, mine.runId, counts, null);
        };
        for (const round of rounds) {
          await Promise.all(round.map(act));
          for (const user of ['u', 'v']) {
            const uses = await (all[0] as Server).limits.uses(nameOf(user), NOON);
            const kept = [...taken.values()].filter(({ key }) => userOf(key) === nameOf(user));
            assert.ok(uses.hour.used <= limits.hour);
            assert.ok(uses.tokens.used <= limits.tokens);
            const given = await (all[1] as Server).db.all<{ run_id: string }>(
              'SELECT run_id FROM charges WHERE user_name = $1 AND prompts = 1',
              nameOf(user),
            );
            // One that was closed before it was given back stays charged.
            for (const { runId } of kept) assert.ok(given.some(({ run_id }) => run_id === runId));
            assert.equal(uses.hour.used, given.length);
          }
        }
      },
    ),
    { seed: 25, numRuns: 40 },
  );
});

test('[R26] a refusal is told as it was measured, and costs nothing', async () => {
  const [{ limits }] = await servers(1);
  const allowed = { hour: 2, day: 9, tokens: 1_000, runs: 5 };
  assert.ok((await limits.take(demanding('u', allowed, { reserve: 600 }), NOON - 5_000)).ok);
  assert.ok((await limits.take(demanding('u', allowed, { reserve: 300 }), NOON)).ok);
  const before = await limits.uses('u', NOON);
  assert.deepEqual(await limits.take(demanding('u', { ...allowed, hour: 1 }), NOON), {
    ...{ ok: false, limit: 'hour', max: 1, remaining: 0 },
    ...{ retryAfterMs: HOUR_MS, resetAt: NOON + HOUR_MS },
  });
  assert.deepEqual(await limits.take(demanding('u', allowed, { reserve: 200 }), NOON), {
    ...{ ok: false, limit: 'tokens', max: 1_000, remaining: 100 },
    ...{ retryAfterMs: DAY_MS / 2, resetAt: NOON + DAY_MS / 2 },
  });
  assert.deepEqual(await limits.uses('u', NOON), before);
});

test('[R27] what was taken is known to a server that starts after the one that took was cut off', async () => {
  const url = await (await sharedPostgres()).database();
  const [first, second] = [serverOf(await pool(url)), serverOf(await pool(url))];
  const demand = demanding('u', { hour: 1 });
  assert.ok((await first.limits.take(demand, NOON)).ok);
  await second.db.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  const { limits } = serverOf(await pool(url));
  assert.equal((await limits.uses('u', NOON)).hour.used, 1);
  assert.ok((await limits.take(demand, NOON)).ok, 'the same run again');
  assert.equal((await limits.take(demanding('u', { hour: 1 }), NOON)).ok, false);
});

test('[R25] [R27] a take whose connection breaks while it waits is not half done, and holds nobody up', async () => {
  const [first, second] = await servers(2);
  assert.ok(second);
  const demand = demanding('u', { hour: 1 });
  const holder = second.db.transaction(async (sql) => {
    await sql.run("SELECT pg_advisory_xact_lock(hashtextextended('u', 1))");
    const broken = assert.rejects(first.limits.take(demand, NOON), { code: 'store.unavailable' });
    await untilWaiting(sql);
    await sql.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'advisory'",
    );
    await broken;
  });
  await holder;
  assert.equal((await first.limits.uses('u', NOON)).hour.used, 0);
  assert.ok((await first.limits.take(demand, NOON)).ok);
  assert.equal((await second.limits.take(demanding('u', { hour: 1 }), NOON)).ok, false);
});

test('[R25] no take waits for an append that opens, closes or gives back, nor holds it up', async () => {
  const [first, second] = await servers(2);
  assert.ok(second);
  const live = demanding('u', { runs: 9 }, { runId: 'live', thread: 't' });
  assert.ok((await first.limits.take(live, NOON)).ok);
  await first.db.transaction(async (sql) => {
    await closeCharge(sql, 'u', 'live', null);
    await openCharge(sql, 'u', 'next', 't', NOON);
    assert.ok((await second.limits.take(demanding('u', { runs: 9 }), NOON)).ok);
    await openCharge(sql, 'u', 'third', 't', NOON);
    await closeThread(sql, 'u', 't');
  });
  assert.equal((await second.limits.uses('u', NOON)).runs.used, 1);
});

test('[R25] takes and appends of the same runs at once never lock each other out', async () => {
  const all = await servers(3);
  const runs = Array.from({ length: 8 }, (_, i) => demanding('u', {}, { runId: `r${i}` }));
  const deadlocks = async () => {
    const row = await all[0]?.db.get(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return row?.deadlocks;
  };
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      ...runs.map((demand, i) => all[i % 3]?.limits.take(demand, NOON)),
      ...runs.map(({ key, runId }, i) =>
        all[(i + 1) % 3]?.db.transaction(async (sql) => {
          await openCharge(sql, 'u', runId, threadOf(key), NOON);
          await closeCharge(sql, 'u', runId, null);
        }),
      ),
      ...all.map(({ db }) => forgetUnacceptedCharges(db, NOON + DAY_MS)),
      ...all.map(({ limits }, i) => limits.giveBack('u', `r${i}`)),
    ]);
  }
  assert.equal(await deadlocks(), 0);
});

test('[R28] what was taken for a prompt that was never accepted is given back once it is old', async () => {
  const [server] = await servers(1);
  const { db, limits } = server;
  const [lost, kept] = [demanding('u', {}, { reserve: 7 }), demanding('u', {}, { reserve: 5 })];
  for (const demand of [lost, kept]) assert.ok((await limits.take(demand, NOON)).ok);
  await accept(server, kept);
  assert.deepEqual(await forgetUnacceptedCharges(db, NOON + 120_000), [], 'it may be on its way');
  assert.deepEqual(await forgetUnacceptedCharges(db, NOON + 120_001), ['u']);
  assert.equal((await limits.uses('u', NOON)).tokens.used, 5);
  await limits.giveBack('u', kept.runId);
  assert.equal((await limits.uses('u', NOON)).tokens.used, 5, 'it was accepted');
});

test('[R28] old entries become sums once, however many servers fold them', async () => {
  const all = await servers(3);
  const [first] = all;
  const runs = Array.from({ length: 600 }, (_, i) => `r${i}`);
  await first.db.run(
    `INSERT INTO charges (user_name, run_id, thread, at, prompts, open, input, cost_usd)
     SELECT 'u' || (ordinality % 3), id, 't', $2 + ordinality, 1, false, 2, 0.5
     FROM unnest($1::text[]) WITH ORDINALITY AS runs (id)`,
    ...[runs, NOON],
  );
  assert.ok((await first.limits.take(demanding('u0', {}, { runId: 'live' }), NOON)).ok);
  const query = { from: '2026-11-25', to: '2026-11-25', user: null };
  const before = await first.limits.usage(query);
  assert.deepEqual(
    before.map(({ user, prompts, inputTokens, costUsd }) => [user, prompts, inputTokens, costUsd]),
    [
      ['u0', 201, 400, 100],
      ['u1', 200, 400, 100],
      ['u2', 200, 400, 100],
    ],
  );
  const fold = async ({ db }: Server): Promise<void> => {
    while (await db.transaction((sql) => foldOldUsage(sql, days, NOON + 3 * DAY_MS)));
  };
  await Promise.all(all.map(fold));
  await fold(first); // what one had in hand, the others left
  assert.deepEqual(await first.limits.usage(query), before);
  assert.equal((await first.db.get('SELECT count(*) AS n FROM charges'))?.n, 1);
  assert.deepEqual(await first.limits.usage({ ...query, user: 'u1' }), [before[1]]);
});
