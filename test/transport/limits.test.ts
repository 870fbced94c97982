import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { HOUR_MS } from '../support/limits.ts';
import { startServer } from '../support/server.ts';

async function setUp(env: Record<string, string>) {
  const held = heldStore();
  const server = await startServer(env, { store: held.store });
  const cookie = await server.cookieFor('alice');
  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
  const used = async () => (await held.store.uses('alice', Date.now())).hour.used;
  return { held, open, used, [Symbol.asyncDispose]: () => server.stop().then(() => {}) };
}

test('[R25] the hour’s limit is exact under parallel prompts from several sockets', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '5' });
  const clients = await Promise.all(Array.from({ length: 6 }, at.open));
  const runs = clients.flatMap((client) => {
    const threadId = randomUUID();
    return [0, 1, 2].map(() => ({ client, runId: client.prompt(threadId, 'error') }));
  });
  const outcomes = await Promise.all(
    runs.map(async ({ client, runId }) => {
      await client.find(
        () =>
          client.events.some((e) => e.type === 'RUN_STARTED' && e.runId === runId) ||
          client.frames.filter((f) => 'type' in f && f.type === 'RUN_ERROR').length +
            client.events.filter((e) => e.type === 'RUN_STARTED').length ===
            3,
      );
      return client.events.some((e) => e.type === 'RUN_STARTED' && e.runId === runId);
    }),
  );
  assert.equal(outcomes.filter(Boolean).length, 5);
  assert.equal(await at.used(), 5);
  await Promise.all(clients.map((client) => client.close()));
});

/** What each limit lets through of many prompts at once, and what is used then. */
const SHARES = [
  { name: 'hour', env: { CHAT_MAX_REQUESTS_PER_HOUR: '5' }, allowed: 5 },
  { name: 'day', env: { CHAT_MAX_REQUESTS_PER_DAY: '7' }, allowed: 7 },
  // “slow” is one token by the estimate.
  {
    name: 'tokens',
    env: { CHAT_MAX_TOKENS_PER_DAY: '450', CHAT_RESERVED_TOKENS: '99' },
    allowed: 4,
  },
  { name: 'runs', env: { CHAT_MAX_RUNS_PER_USER: '3' }, allowed: 3 },
] as const;

for (const { name, env, allowed } of SHARES)
  test(`[R25] [R26] [LI1] of 200 prompts at once exactly as many run as the limit of ${name} allows`, async () => {
    const lifted = {
      CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
      CHAT_MAX_RUNS_PER_USER: 'unlimited',
      CHAT_MAX_PROCESSES: '8',
    };
    await using at = await setUp({ ...lifted, ...env });
    const clients = await Promise.all(Array.from({ length: 10 }, at.open));
    for (const client of clients)
      for (let n = 0; n < 20; n += 1) client.prompt(randomUUID(), 'slow');
    const outcomes = await Promise.all(
      clients.map(async (client) => {
        const of = (type: string) =>
          client.frames.filter((f) => ('chunk' in f ? f.chunk : f).type === type).length;
        await client.find(() => of('RUN_STARTED') + of('RUN_ERROR') === 20);
        return [of('RUN_STARTED'), of('RUN_ERROR')] as const;
      }),
    );
    const sum = (i: 0 | 1) => outcomes.reduce((total, outcome) => total + outcome[i], 0);
    assert.deepEqual([sum(0), sum(1)], [allowed, 200 - allowed]);
    const uses = await at.held.store.uses('alice', Date.now());
    assert.deepEqual([uses.hour.used, uses.day.used, uses.runs.used], Array(3).fill(allowed));
    await Promise.all(clients.map((client) => client.close()));
  });

test('[R26] [LI5] a stock client’s refused prompt is one bare RUN_ERROR, costs nothing, and its id is free', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_DAY: '0' });
  const client = await at.open();
  const runId = client.prompt(randomUUID(), 'error');
  const refusal = await client.event('RUN_ERROR');
  assert.equal(refusal.code, 'throttled');
  await settle();
  assert.equal(client.frames.length, 1);
  assert.equal(await at.used(), 0);
  assert.equal(await at.held.store.run('alice', runId), null);
  await client.close();
});

test('[R29] a held-back prompt is told with its limit, kept, and sends itself when the window opens', async () => {
  await using at = await setUp({});
  const client = await at.open();
  const threadId = await client.hello();
  const resetAt = Date.now() + 5;
  at.held.answer('take', {
    ...{ ok: false, limit: 'hour', max: 1, remaining: 0 },
    ...{ retryAfterMs: 5, resetAt },
  });
  const runId = client.prompt(threadId, 'error');
  assert.deepEqual(await client.direct('throttled'), {
    type: 'throttled',
    runId,
    limit: 'hour',
    retryAfterMs: 5,
    remaining: 0,
    max: 1,
    resetAt,
    parked: true,
  });
  await client.runEnded(runId);
  assert.equal(await at.used(), 1);
  await client.close();
});

test('[R29] [LI4] behind a parked prompt another one is refused, and the parked one can be taken back', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const client = await at.open();
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, 'error'));
  const first = client.prompt(threadId, 'one');
  assert.equal((await client.direct('throttled')).limit, 'hour');
  const from = client.frames.length;
  const second = client.prompt(threadId, 'two');
  const throttled = await client.direct('throttled', from);
  assert.deepEqual([throttled.runId, throttled.parked], [second, false]);
  assert.equal((await client.event('RUN_ERROR', from)).code, 'throttled');
  client.send({ type: 'unpark', runId: first, ref: 'u' });
  await client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'u');
  const again = client.frames.length;
  client.prompt(threadId, 'one', first);
  assert.equal((await client.direct('throttled', again)).parked, true);
  assert.equal(await at.used(), 1);
  await client.close();
});

test('[R29] [LI2] a parked prompt is pending for every tab, also after the one that sent it has gone, and sends itself once', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const [client, watching] = [await at.open(), await at.open()];
  const threadId = await client.hello();
  await watching.hello(threadId);
  await client.runEnded(client.prompt(threadId, 'error'));
  const first = client.events.find((event) => event.type === 'RUN_STARTED')?.runId ?? '';
  const runId = client.prompt(threadId, 'error, later');
  await client.direct('throttled');
  const { runId: seen, parked } = await watching.direct('throttled');
  assert.deepEqual([seen, parked], [runId, true]);
  await client.close();
  const other = await at.open();
  await other.hello(threadId);
  await other.find(
    (frame) => 'type' in frame && frame.type === 'state' && frame.state === 'throttled',
  );
  const { items } = await other.direct('pending');
  assert.deepEqual(
    items.map((item) => [item.runId, item.why, item.limit]),
    [[runId, 'parked', 'hour']],
  );
  // The hour’s only prompt leaves its window: here, by its entry in the ledger.
  at.held.answer('take', { ok: true });
  await at.held.store.giveBack('alice', first);
  await other.runEnded(runId);
  const started = other.events.filter((e) => e.type === 'RUN_STARTED' && e.runId === runId);
  assert.equal(started.length, 1);
  const idle = other.frames.findLast((frame) => 'type' in frame && frame.type === 'state');
  assert.deepEqual(idle, { type: 'state', state: 'idle', runId: null });
  await Promise.all([watching.close(), other.close()]);
});

test('[R29] [LI3] a parked prompt is taken back from another tab, and then not known', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const [client, other] = [await at.open(), await at.open()];
  const threadId = await client.hello();
  await other.hello(threadId);
  await client.runEnded(client.prompt(threadId, 'error'));
  const runId = client.prompt(threadId, 'never mind');
  await other.direct('throttled');
  for (const [ref, fault] of [
    ['first', null],
    ['again', 'run.unknown'],
  ]) {
    other.send({ type: 'unpark', runId, ...(ref && { ref }) });
    const reply = await other.find((f) => 'type' in f && f.type === 'reply' && f.ref === ref);
    assert.equal('fault' in reply && reply.fault, fault);
  }
  await client.find((f) => 'type' in f && f.type === 'pending' && f.items.length === 0);
  assert.equal(await at.held.store.run('alice', runId), null);
  await Promise.all([client.close(), other.close()]);
});

test('[R28] [LI8] every socket of a user is told what is used, as it changes', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '7' });
  const [client, other] = [await at.open(), await at.open()];
  const threadId = await client.hello();
  await other.hello(randomUUID());
  client.prompt(threadId, 'error');
  const { hour, day, runs } = await other.direct('limits');
  assert.deepEqual([hour.used, hour.max, day.max, runs.used, runs.max], [1, 7, 500, 1, 10]);
  await other.find((f) => 'type' in f && f.type === 'limits' && f.runs.used === 0);
  await Promise.all([client.close(), other.close()]);
});

test('[R26] the same run id again is not charged, refused prompts neither', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '10' });
  const [one, two] = [await at.open(), await at.open()];
  const threadId = await one.hello(randomUUID());
  await two.hello(threadId);
  const runId = randomUUID();
  for (const client of [one, two, one, two]) client.prompt(threadId, 'error', runId);
  await two.runEnded(runId);
  one.prompt(threadId, ' ');
  one.prompt(threadId, 'other', runId);
  await one.find((f) => 'type' in f && f.type === 'reply' && f.fault === 'run.idReused');
  assert.equal(await at.used(), 1);
  await Promise.all([one.close(), two.close()]);
});

test('[R7] a double click from two tabs on the last prompt of the hour is one run, and nobody is throttled', async () => {
  // Each socket takes a ticket before it is known that both send the same run.
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const [one, two] = [await at.open(), await at.open()];
  const threadId = await one.hello(randomUUID());
  await two.hello(threadId);
  const runs = at.held.hold('run');
  const runId = randomUUID();
  one.prompt(threadId, 'error', runId);
  two.prompt(threadId, 'error', runId);
  await runs.waiting();
  await settle(50);
  runs.release();
  await one.runEnded(runId);
  const throttled = [...one.frames, ...two.frames].filter(
    (frame) => 'type' in frame && frame.type === 'throttled',
  );
  await Promise.all([one.close(), two.close()]);
  assert.deepEqual(throttled, []);
});

test('[R25] welcome tells what is used, what is left and when it comes back', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '7' });
  const client = await at.open();
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, 'error'));
  const from = client.frames.length;
  await client.hello(threadId);
  const { limits } = await client.direct('welcome', from);
  assert.deepEqual([limits.hour.used, limits.hour.max, limits.day.used], [1, 7, 1]);
  assert.ok(Math.abs((limits.hour.resetAt ?? 0) - Date.now()) <= HOUR_MS);
  await client.close();
});
