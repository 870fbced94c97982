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

/** Its socket breaks, and the server has noticed. */
async function broken(client: TestClient): Promise<void> {
  client.socket.terminate();
  await client.closed;
  await settle(50);
}

test('[R7] a prompt whose socket closes before it is known to be new runs when it is sent again', async () => {
  await using at = await setUp();
  const first = await at.open();
  const threadId = await first.hello(randomUUID());
  const runs = at.held.hold('run');
  const runId = first.prompt(threadId, 'error');
  await runs.waiting();
  await broken(first);
  runs.release();
  await settle(50);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error', runId);
  assert.ok(await again.runEnded(runId), 'it was accepted, and never ran');
  await again.close();
});

/** One is granted, and is to be accepted behind another, which is still being counted. */
async function granted({ held, open }: Awaited<ReturnType<typeof setUp>>) {
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const first = held.hold('take');
  const runId = client.prompt(threadId, 'error, one');
  client.prompt(threadId, 'error, two');
  await first.waiting();
  await settle(50);
  first.release();
  const second = held.hold('take');
  await second.waiting();
  await settle(50);
  return { client, threadId, runId, release: () => second.release() };
}

test('[R28] a prompt that was granted and waits to be accepted costs nothing where its socket closes', async () => {
  await using at = await setUp();
  const { client, release } = await granted(at);
  await broken(client);
  release();
  await settle(50);
  const { hour, runs: open } = await at.held.store.uses('alice', Date.now());
  assert.deepEqual([hour.used, open.used], [0, 0]);
});

test('[R7] [FR8] a prompt that comes again while its first try waits to be accepted is answered where it came', async () => {
  await using at = await setUp();
  const { client, threadId, runId, release } = await granted(at);
  await broken(client);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error, one', runId);
  await settle(50);
  release();
  assert.ok(await again.runEnded(runId), 'it never ran');
  assert.equal((await again.direct('reply')).ref, runId, 'nobody answered');
  await again.close();
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
  await broken(first);
  const again = await at.open();
  await again.hello(threadId);
  again.prompt(threadId, 'error, two', runId);
  await settle(50);
  takes.release();
  assert.ok(await again.runEnded(runId), 'it never ran');
  assert.ok(await again.direct('reply'), 'nobody answered');
  await again.close();
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
  await broken(first);
  takes.release();
  assert.ok(await again.runEnded(runId), 'it was accepted, and never ran');
  await again.close();
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
  await broken(first);
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
