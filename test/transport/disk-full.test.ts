/** A disk without room, as sockets and requests see it. The store is in memory, and refuses what it is told to. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { FaultError } from '../../src/faults.ts';
import { TestClient } from '../support/client.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { startServer } from '../support/server.ts';
import { signIn, signInsOn } from '../support/sign-ins.ts';

const FULL = new FaultError('store.full');

async function setUp(env: Record<string, string> = {}) {
  const held = heldStore();
  const server = await startServer(env, { store: held.store });
  const cookie = await server.cookieFor('alice');
  const open = (query = '') => TestClient.open(server.webSocketUrl, server.origin, cookie, query);
  return { held, server, cookie, open, [Symbol.asyncDispose]: () => server.stop().then(() => {}) };
}

for (const write of ['take', 'acquire', 'accept'] as const) {
  test(`[R15] [R26] [FU1] a prompt whose ${write} finds no room is refused and costs nothing; the socket and the id stay`, async () => {
    await using at = await setUp();
    const client = await at.open();
    const threadId = await client.hello();
    at.held.fail(write, 1, FULL);
    const runId = client.prompt(threadId, 'error');
    const refusal = await client.find((frame) => 'type' in frame && frame.type === 'RUN_ERROR');
    assert.ok('code' in refusal && refusal.code === 'store.full' && !('id' in refusal));
    const reply = await client.direct('reply');
    assert.deepEqual([reply.ref, reply.fault], [runId, 'store.full']);
    const { hour } = await at.held.store.uses('alice', Date.now());
    assert.equal(hour.used, 0);
    assert.equal(await at.held.store.run('alice', runId), null);

    client.prompt(threadId, 'error', runId);
    await client.event('RUN_STARTED');
    await client.close();
  });
}

test('[R15] [R29] a parked prompt that finds no room when its window opens stays parked, and is sent later', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const client = await at.open();
  const threadId = await client.hello();
  const refusal = { ok: false, limit: 'hour', max: 1, remaining: 0 };
  at.held.answer('take', { ...refusal, retryAfterMs: 1, resetAt: 1 });
  const refuse = at.held.hold('take');
  const runId = client.prompt(threadId, 'error');
  await refuse.waiting();
  at.held.fail('take', 1, FULL); // the next one: this one has its answer, and waits to give it
  refuse.release();
  const { parked } = await client.direct('throttled');
  assert.equal(parked, true);
  await at.held.called('take', 2);
  await settle(); // it has its answer, and waits
  assert.equal((await at.held.store.run('alice', runId))?.parked, true);
  await at.held.store.giveBack('alice', 'another'); // the user’s limits ease
  await client.runEnded(runId);
  await client.close();
});

test('[R15] [FU1] on a full disk hello, replay, resume, a sign-in’s use and abort work, and warm is refused', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, 'error'));
  const running = client.prompt(threadId, 'slow');
  await client.find(
    (frame) =>
      'chunk' in frame && frame.chunk.type === 'RUN_STARTED' && frame.chunk.runId === running,
  );
  for (const write of ['take', 'acquire', 'accept', 'extendSignIn', 'withdraw'] as const)
    at.held.fail(write, Number.POSITIVE_INFINITY, FULL);

  const [reader, resumed] = [await at.open(), await at.open()];
  await reader.hello(threadId);
  assert.ok((await reader.direct('reset')).messages.length > 0);
  const seen = client.kept.map(({ id }) => id);
  await resumed.hello(threadId, seen[2] ?? null);
  assert.deepEqual(resumed.kept.map(({ id }) => id).slice(0, seen.length - 3), seen.slice(3));
  const me = await fetch(`${at.server.origin}/chat/api/me`, { headers: { cookie: at.cookie } });
  assert.equal(me.status, 200);
  reader.send({ type: 'hello', threadId: randomUUID(), after: null });
  reader.send({ type: 'warm', ref: 'w' });
  assert.equal((await reader.direct('reply')).fault, 'store.full');

  reader.send({ type: 'abort', runId: running });
  const end = await client.runEnded(running);
  assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'cancelled');
  await Promise.all([client.close(), reader.close(), resumed.close()]);
});

test('[R15] the use of a sign-in that cannot be moved on leaves it as it was', async () => {
  const held = heldStore();
  const signIns = signInsOn(held.store, { ttlMs: 7_200_000 });
  const expiresAt = Date.now() + 60_000;
  await held.store.putSignIn(signIn({ idHash: 'h', expiresAt }));
  held.fail('extendSignIn', 1, FULL);
  assert.equal(await signIns.extend('h'), expiresAt);
});

test('[R15] an HTTP request that finds no room is answered with 507', async () => {
  await using at = await setUp();
  at.held.fail('putSignIn', 1, FULL);
  const answer = await fetch(at.server.signInUrl(), { redirect: 'manual' });
  assert.equal(answer.status, 507);
  assert.equal(((await answer.json()) as { fault: string }).fault, 'store.full');
});

test('[R10] [FU3] [FU4] when a journal fails its watchers are told and closed with 1013, and the next prompt ends the run and runs', async () => {
  await using at = await setUp();
  const [client, stock] = [await at.open(), await at.open()];
  const threadId = await client.hello();
  const running = client.prompt(threadId, 'slow');
  await client.event('TEXT_MESSAGE_CONTENT');
  stock.prompt(threadId, 'slow', running);
  await stock.event('RUN_STARTED');
  const bystander = await at.open();
  await bystander.hello();

  at.held.fail('append', 1, new FaultError('store.unavailable'));
  assert.deepEqual((await client.closed).code, 1013);
  assert.equal((await client.direct('fault')).code, 'store.unavailable');
  assert.equal((await stock.closed).code, 1013);
  assert.ok(!stock.frames.some((frame) => 'type' in frame && frame.type === 'fault'));

  // At once: the process that is being ended may still be there.
  const back = await at.open();
  await back.hello(threadId, client.kept.at(-1)?.id);
  const next = back.prompt(threadId, 'error');
  const end = await back.runEnded(next);
  assert.ok(end.type === 'RUN_ERROR');
  const ends = back.events.flatMap((event) => (event.type === 'RUN_ERROR' ? [event.code] : []));
  assert.deepEqual(ends, ['interrupted', 'claude.api']);
  assert.equal(back.events[0]?.type, 'RUN_ERROR');
  const seqs = [...client.kept, ...back.kept].map(({ id }) => Number(id.split('.')[1]));
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, i) => i + 1),
  );
  assert.equal(bystander.socket.readyState, bystander.socket.OPEN);
  await Promise.all([back.close(), bystander.close()]);
});
