import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { type HeldStore, heldStore, settle } from '../support/held-store.ts';
import { startServer, type TestServer } from '../support/server.ts';

let held: HeldStore;
let server: TestServer;
let cookie: string;

before(async () => {
  held = heldStore();
  server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '100' }, { store: held.store });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = (as = cookie) => TestClient.open(server.webSocketUrl, server.origin, as);

/** A conversation whose run waits for leave to use a tool. */
async function asking() {
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const runId = client.prompt(threadId, 'use a tool, please');
  const end = await client.runEnded(runId);
  assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
  const interrupt = end.outcome.interrupts[0];
  assert.ok(interrupt);
  return { client, threadId, runId, interrupt };
}

const answer = (
  client: TestClient,
  threadId: string,
  interruptId: string,
  payload: unknown,
  runId: string = randomUUID(),
) => {
  const resume = [{ interruptId, status: 'resolved', payload }];
  client.send({ threadId, runId, messages: [], resume, tools: [], context: [] });
  return runId;
};

test('[R63] an approval is seen after a reload, and answered once from there', async () => {
  const { client, threadId, runId, interrupt } = await asking();
  assert.equal(interrupt.reason, 'approval_required');
  assert.equal((interrupt.metadata as { toolName?: string }).toolName, 'Bash');
  client.socket.terminate();
  const second = await open();
  await second.hello(threadId);
  assert.ok(second.events.some((e) => e.type === 'RUN_FINISHED' && e.runId === runId));
  const third = await open();
  await third.hello(threadId);
  const answering = answer(second, threadId, interrupt.id, true);
  const end = await third.runEnded(answering);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
  const start = third.events.find((e) => e.type === 'RUN_STARTED' && e.runId === answering);
  assert.equal(start?.type === 'RUN_STARTED' && start.parentRunId, runId);
  const from = third.frames.length;
  const late = answer(third, threadId, interrupt.id, false);
  assert.equal((await third.event('RUN_ERROR', from)).code, 'approval.answered');
  assert.equal((await third.direct('reply', from)).ref, late);
  await Promise.all([second.close(), third.close()]);
});

test('[R7] one answer sent twice at once, from two sockets under one run id, is one run', async () => {
  // The later one finds the approval answered, and takes back the record of the run that answered it.
  const { client, threadId, interrupt } = await asking();
  const second = await open();
  await second.hello(threadId);
  const runs = held.hold('run');
  const runId = randomUUID();
  answer(client, threadId, interrupt.id, true, runId);
  answer(second, threadId, interrupt.id, true, runId);
  await runs.waiting();
  await settle(50);
  runs.release();
  await client.runEnded(runId);
  const refused = [...client.frames, ...second.frames].filter(
    (frame) => 'type' in frame && frame.type === 'RUN_ERROR',
  );
  const record = await held.store.run('alice', runId);
  await Promise.all([client.close(), second.close()]);
  assert.deepEqual(refused, []);
  assert.notEqual(record?.digest, '');
});

test('[R63] a plain prompt while an approval is pending denies it with its text', async () => {
  const { client, threadId, interrupt } = await asking();
  const runId = client.prompt(threadId, 'rather look elsewhere');
  await client.runEnded(runId);
  const result = client.events.find((event) => event.type === 'TOOL_CALL_RESULT');
  assert.equal(result?.type === 'TOOL_CALL_RESULT' && result.content, 'rather look elsewhere');
  const from = client.frames.length;
  answer(client, threadId, interrupt.id, true);
  assert.equal((await client.event('RUN_ERROR', from)).code, 'approval.answered');
  await client.close();
});

test('[R63] aborting the run that asked cancels the approval', async () => {
  const { client, threadId, runId, interrupt } = await asking();
  client.send({ type: 'abort', runId, ref: 'x' });
  await client.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'x');
  const next = client.prompt(threadId, 'error, next');
  await client.runEnded(next);
  const from = client.frames.length;
  answer(client, threadId, interrupt.id, true);
  assert.equal((await client.event('RUN_ERROR', from)).code, 'approval.answered');
  assert.ok(
    client.events.every(
      (e) => e.type !== 'TOOL_CALL_RESULT' || !/README/.test(JSON.stringify(e.content)),
    ),
  );
  await client.close();
});

test('[R55] another user’s answer to an approval is that to an unknown one', async () => {
  const { client, threadId, interrupt } = await asking();
  const bob = await open(await server.cookieFor('bob'));
  await bob.hello(threadId);
  answer(bob, threadId, interrupt.id, true);
  assert.equal((await bob.event('RUN_ERROR')).code, 'approval.answered');
  const runId = answer(client, threadId, interrupt.id, false);
  const end = await client.runEnded(runId);
  assert.equal(end.type, 'RUN_FINISHED');
  await Promise.all([client.close(), bob.close()]);
});

test('[R29] an answer to an approval is not counted against the limits', async () => {
  const own = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '1' });
  const client = await TestClient.open(own.webSocketUrl, own.origin, await own.cookieFor('alice'));
  const threadId = await client.hello();
  const end = await client.runEnded(client.prompt(threadId, 'a tool'));
  assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
  const runId = answer(client, threadId, end.outcome.interrupts[0]?.id ?? '', true);
  assert.equal((await client.runEnded(runId)).type, 'RUN_FINISHED');
  await client.close();
  await own.stop();
});
