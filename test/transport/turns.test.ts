/** Prompts of one conversation that wait for each other, and sockets that go meanwhile. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { startServer } from '../support/server.ts';

async function setUp(env: Record<string, string> = {}) {
  const held = heldStore();
  const server = await startServer(env, { store: held.store });
  const cookie = await server.cookieFor('alice');
  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
  return { held, open, [Symbol.asyncDispose]: () => server.stop().then(() => {}) };
}

const patience = () => new Promise<null>((resolve) => setTimeout(() => resolve(null), 3_000));

test('[R7] a prompt whose socket closes before it is known to be new runs when it is sent again', async () => {
  await using at = await setUp();
  const first = await at.open();
  const threadId = await first.hello(randomUUID());
  const runs = at.held.hold('run');
  const runId = first.prompt(threadId, 'error');
  await runs.waiting();
  first.socket.terminate();
  await first.closed;
  await settle(50);
  runs.release();
  await settle(50);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error', runId);
  const ended = await Promise.race([again.runEnded(runId), patience()]);
  again.socket.terminate();
  assert.ok(ended, 'it was accepted, and never ran');
});

test('[R28] a prompt that was granted and waits to be accepted costs nothing where its socket closes', async () => {
  await using at = await setUp();
  const client = await at.open();
  const threadId = await client.hello(randomUUID());
  const first = at.held.hold('take');
  client.prompt(threadId, 'error, one');
  client.prompt(threadId, 'error, two');
  await first.waiting();
  await settle(50);
  // The first is granted, and is to be accepted behind the second, which is still being counted.
  first.release();
  const second = at.held.hold('take');
  await second.waiting();
  await settle(50);
  client.socket.terminate();
  await client.closed;
  await settle(50);
  second.release();
  await settle(50);
  const { hour, runs: open } = await at.held.store.uses('alice', Date.now());
  assert.deepEqual([hour.used, open.used], [0, 0]);
});

test('[R7] a prompt that comes again while its first try waits for its turn is not lost with that', async () => {
  await using at = await setUp();
  const first = await at.open();
  const threadId = await first.hello(randomUUID());
  const takes = at.held.hold('take');
  first.prompt(threadId, 'error, one');
  const runId = first.prompt(threadId, 'error, two');
  await takes.waiting();
  await settle(50);
  first.socket.terminate();
  await first.closed;
  await settle(50);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error, two', runId);
  await settle(50);
  takes.release();
  const ended = await Promise.race([again.runEnded(runId), patience()]);
  const reply = again.frames.find((frame) => 'type' in frame && frame.type === 'reply');
  again.socket.terminate();
  assert.ok(ended, 'it never ran');
  assert.ok(reply, 'nobody answered');
});

test('[R7] a prompt that a second socket brought too runs though the first has gone', async () => {
  await using at = await setUp();
  const first = await at.open();
  const threadId = await first.hello(randomUUID());
  const takes = at.held.hold('take');
  const runId = first.prompt(threadId, 'error');
  await takes.waiting();
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error', runId);
  await settle(50);
  first.socket.terminate();
  await first.closed;
  await settle(50);
  takes.release();
  const ended = await Promise.race([again.runEnded(runId), patience()]);
  again.socket.terminate();
  assert.ok(ended, 'it was accepted, and never ran');
});

test('[TE1] what was aborted while a first socket brought it stays so where a second one goes on', async () => {
  await using at = await setUp();
  const [first, again] = [await at.open(), await at.open()];
  const threadId = await first.hello(randomUUID());
  await again.hello(threadId);
  const takes = at.held.hold('take');
  const runId = first.prompt(threadId, 'error');
  await takes.waiting();
  again.prompt(threadId, 'error', runId);
  again.send({ type: 'abort', runId, ref: 'a' });
  await again.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'a');
  first.socket.terminate();
  await first.closed;
  await settle(50);
  takes.release();
  await again.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === runId);
  await settle(50);
  assert.equal(await at.held.store.run('alice', runId), null);
  await again.close();
});

test('[RU7] each socket that brings the same prompt hears that it is refused', async () => {
  await using at = await setUp({ CHAT_MAX_REQUESTS_PER_HOUR: '0' });
  const [first, again] = [await at.open(), await at.open()];
  const threadId = await first.hello(randomUUID());
  await again.hello(threadId);
  const takes = at.held.hold('take');
  const runId = first.prompt(threadId, 'error');
  await takes.waiting();
  again.prompt(threadId, 'error', runId);
  await settle(50);
  takes.release();
  const replies = await Promise.all([first.direct('reply'), again.direct('reply')]);
  assert.deepEqual(
    replies.map(({ fault }) => fault),
    ['throttled', 'throttled'],
  );
  await Promise.all([first.close(), again.close()]);
});
