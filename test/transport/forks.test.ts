/** Forks and branches over HTTP, and the first run of a fork over its socket. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BranchView, ConversationView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({}, { store });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const ask = (path: string, init: RequestInit = {}, as = cookie) =>
  fetch(`${server.origin}/chat/api/conversations/${path}`, {
    ...init,
    headers: { Cookie: as, ...init.headers },
  });
const fork = (thread: string, body: unknown, as = cookie, headers: Record<string, string> = {}) =>
  ask(`${thread}/fork`, { method: 'POST', body: JSON.stringify(body), headers }, as);
const faultOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { fault: string }).fault,
];

async function forked(thread: string, before: string): Promise<string> {
  const answer = await fork(thread, { before });
  assert.equal(answer.status, 201);
  return ((await answer.json()) as { threadId: string }).threadId;
}

async function told(thread: string) {
  const writer = await writerOf(store, 'alice', thread);
  for (const n of [1, 2]) await writer.run(`${thread}${n}`, `ask ${n}`, [`say ${n}`]);
  return writer;
}

test('[BR1] [BR3] a fork is a conversation, tells where it came from, and is told to every tab', async () => {
  await told('a');
  const tab = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await tab.hello();
  const threadId = await forked('a', 'a2');
  const view = (await (await ask(threadId)).json()) as ConversationView;
  assert.equal(view.title, 'ask 1');
  assert.deepEqual(view.forkedFrom, { threadId: 'a', runId: 'a2' });
  const frame = await tab.direct('conversation');
  assert.deepEqual(frame.conversation, view);
  await tab.close();
});

test('[BR1] who opens a fork is shown what it brought along, and goes on from there', async () => {
  await told('b');
  const threadId = await forked('b', 'b2');
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await client.hello(threadId);
  const { head, messages } = await client.direct('reset');
  assert.deepEqual(
    messages.map(({ content }) => content),
    ['ask 1', 'say 1'],
  );
  const run = client.prompt(threadId, 'ask 2, edited');
  await client.runEnded(run);
  assert.ok(client.text.includes('> ask 2, edited'), 'the agent has the prompt as it was written');
  await client.close();
  const again = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await again.hello(threadId, head);
  assert.deepEqual(again.kept, client.kept, 'the cursor of what was brought along is a place');
  const { branches } = (await (await ask(`${threadId}/branches`)).json()) as {
    branches: BranchView[];
  };
  assert.deepEqual(
    branches.map(({ threadId: id, runId, ownRunId }) => [id, runId, ownRunId]),
    [
      ['b', 'b2', 'b2'],
      [threadId, 'b2', run],
    ],
  );
  await again.close();
});

test('[BR2] what cannot be forked is refused, and says why', async () => {
  const writer = await told('c');
  await told('other');
  assert.deepEqual(await faultOf(await fork('c', { before: 'never' })), [404, 'run.unknown']);
  assert.deepEqual(await faultOf(await fork('c', { before: 'other1' })), [404, 'run.unknown']);
  await writer.start('c3', 'live');
  assert.deepEqual(await faultOf(await fork('c', { before: 'c3' })), [409, 'run.live']);
  for (const body of [{}, { before: 1 }, { before: '' }, { before: 'a b' }, []])
    assert.deepEqual(await faultOf(await fork('c', body)), [400, 'request.malformed']);
  assert.equal((await ask('c/fork')).status, 405);
});

test('[R55] [R42] another user’s conversation is unknown, and a page of another origin forks nothing', async () => {
  await told('d');
  const bob = await server.cookieFor('bob');
  const unknown = [404, 'conversation.unknown'];
  assert.deepEqual(await faultOf(await fork('d', { before: 'd2' }, bob)), unknown);
  assert.deepEqual(await faultOf(await ask('d/branches', {}, bob)), unknown);
  assert.deepEqual(await faultOf(await fork('never', { before: 'd2' })), unknown);
  assert.equal((await fork('d', { before: 'd2' }, '')).status, 401);
  const evil = await fork('d', { before: 'd2' }, cookie, { Origin: 'https://evil.example' });
  assert.deepEqual(await faultOf(evil), [403, 'origin.refused']);
  assert.deepEqual(await (await ask('d/branches')).json(), { branches: [] });
});
