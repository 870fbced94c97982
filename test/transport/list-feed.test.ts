/** What a window hears of conversations it does not show: what goes on in them, and when it ended. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { ConversationView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let cookie: string;
before(async () => {
  server = await startServer({ CHAT_MAX_RUNS: '1' });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);

/** What this window was told of a conversation, in order; null: it was deleted. */
function toldOf(client: TestClient, threadId: string): (ConversationView | null)[] {
  return client.frames.flatMap((frame) =>
    'type' in frame && frame.type === 'conversation' && frame.threadId === threadId
      ? [frame.conversation]
      : [],
  );
}

test('[HI7] a window hears of a conversation it does not show: at work, waiting for an answer, done', async () => {
  const [watching, working] = await Promise.all([open(), open()]);
  await watching.hello();
  const threadId = await working.hello();
  const activities = () => toldOf(watching, threadId).map((told) => told?.activity);
  const until = (activity: 'running' | 'asking' | null) =>
    watching.find(() => activities().at(-1) === activity);
  const end = await working.runEnded(working.prompt(threadId, 'use a tool, please'));
  assert.ok(end.type === 'RUN_FINISHED' && end.outcome?.type === 'interrupt');
  await until('asking');
  assert.ok(activities().includes('running'));
  const from = activities().length;
  const interruptId = end.outcome.interrupts[0]?.id;
  const resume = [{ interruptId, status: 'resolved', payload: true }];
  const runId = randomUUID();
  working.send({ threadId, runId, messages: [], resume, tools: [], context: [] });
  await working.runEnded(runId);
  await until(null);
  assert.ok(activities().slice(from).includes('running'));
  await Promise.all([watching, working].map((client) => client.close()));
});

test('[HI1] [HI7] the end of a run is told with its time, which nothing else changes', async () => {
  const [watching, working] = await Promise.all([open(), open()]);
  await watching.hello();
  const threadId = await working.hello();
  const last = () => toldOf(watching, threadId).at(-1);
  await working.runEnded(working.prompt(threadId, 'hello'));
  await watching.find(() => last()?.activity === null && last()?.endedAt !== 0);
  const ended = last()?.endedAt;
  await fetch(`${server.origin}/chat/api/conversations/${threadId}`, {
    method: 'PATCH',
    headers: { Cookie: cookie },
    body: '{"title":"Another","pinned":true}',
  });
  await watching.find(() => last()?.title === 'Another' && last()?.pinned === true);
  assert.equal(last()?.endedAt, ended);
  await Promise.all([watching, working].map((client) => client.close()));
});

test('[HI7] a prompt that waits for its turn is told as work, though no run of it began', async () => {
  const [watching, first, second] = await Promise.all([open(), open(), open()]);
  await watching.hello();
  const [busy, waiting] = [await first.hello(), await second.hello()];
  const slow = first.prompt(busy, 'slow, please');
  await first.event('RUN_STARTED');
  const run = second.prompt(waiting, 'hello');
  await watching.find(() => toldOf(watching, waiting).at(-1)?.activity === 'running');
  assert.ok(!second.events.some((event) => event.type === 'RUN_STARTED'));
  first.send({ type: 'abort', runId: slow });
  await second.runEnded(run);
  await watching.find(() => toldOf(watching, waiting).at(-1)?.activity === null);
  await Promise.all([watching, first, second].map((client) => client.close()));
});
