import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { conversationKey } from '../../src/store/store.ts';
import { TestClient } from '../support/client.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { startServer } from '../support/server.ts';

async function setUp(env: Record<string, string> = {}) {
  const held = heldStore();
  const server = await startServer(env, { store: held.store });
  const cookie = await server.cookieFor('alice');
  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
  const runs = async () => (await held.store.uses('alice', Date.now())).runs.used;
  const call = (path: string, method: string, body?: object) =>
    fetch(`${server.origin}${path}`, {
      method,
      headers: { cookie, origin: server.origin, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  return { held, open, runs, call, [Symbol.asyncDispose]: () => server.stop().then(() => {}) };
}

test('[R26] what was taken for a prompt that could not be followed goes back', async () => {
  await using at = await setUp();
  const client = await at.open();
  const take = at.held.hold('take');
  client.prompt(randomUUID(), 'error');
  await take.waiting();
  at.held.fail('head');
  take.release();
  await client.closed;
  await settle();
  assert.equal(await at.runs(), 0);
});

test('[R26] what was taken for a prompt whose session ended meanwhile goes back', async () => {
  await using at = await setUp();
  const client = await at.open();
  const take = at.held.hold('take');
  client.prompt(randomUUID(), 'error');
  await take.waiting();
  // A fault of the client's: the session ends, and its socket once the client has answered.
  client.socket.pause();
  client.send('what?');
  await settle(100);
  take.release();
  await settle();
  client.socket.resume();
  await client.closed;
  await settle();
  assert.equal(await at.runs(), 0);
});

test('[LI4] a prompt to another conversation than the one with a parked prompt is let through', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  const refused = { ok: false, limit: 'runs', max: 1, remaining: 0 };
  at.held.answer('take', { ...refused, retryAfterMs: null, resetAt: null });
  client.prompt(threadId, 'error');
  await client.direct('throttled');
  const runId = client.prompt(randomUUID(), 'error');
  const reply = await client.find((f) => 'type' in f && f.type === 'reply' && f.ref === runId);
  assert.equal('fault' in reply && reply.fault, null);
  await client.close();
});

test('[R29] a prompt that is parked in a deleted conversation waits again once that is back', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello();
  const key = conversationKey('alice', threadId);
  await client.runEnded(client.prompt(threadId, 'error'));
  const refused = { ok: false, limit: 'runs', max: 1, remaining: 0 };
  at.held.answer('take', { ...refused, retryAfterMs: null, resetAt: null });
  const runId = client.prompt(threadId, 'error');
  await client.direct('throttled');
  const path = `/chat/api/conversations/${threadId}`;
  assert.equal((await at.call(path, 'DELETE')).status, 200);
  // It would fit, were its conversation there.
  await at.held.store.giveBack('alice', 'another');
  await settle();
  assert.equal((await at.call(path, 'PATCH', { deleted: false })).status, 200);
  await at.held.store.giveBack('alice', 'another');
  await client.runEnded(runId);
  assert.equal((await at.held.store.run('alice', runId))?.key, key);
  await client.close();
});
