import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NO_TRACES } from '../../src/telemetry/traces.ts';
import { Drafts } from '../../src/transport/drafts.ts';
import { sendNow } from '../../src/transport/send-now.ts';
import { type Frame, TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: '6' });
});
after(() => server.stop());

const open = async (user: string) =>
  TestClient.open(server.webSocketUrl, server.origin, await server.cookieFor(user));

const isPending =
  (...runIds: string[]) =>
  (frame: Frame) =>
    'type' in frame &&
    frame.type === 'pending' &&
    frame.items.map(({ runId }) => runId).join() === runIds.join();

async function faultOf(client: TestClient, runId: string, ref: string) {
  client.send({ type: 'sendNow', runId, ref });
  const isReply = (f: Frame) => 'type' in f && f.type === 'reply' && f.ref === ref;
  const reply = await client.find(isReply);
  return 'fault' in reply ? reply.fault : undefined;
}

test('[SN1] sendNow cancels the live run for a prompt that waits, and every watcher sees it go first', async () => {
  const [client, other] = [await open('ann'), await open('ann')];
  const threadId = await client.hello();
  const slow = client.prompt(threadId, 'a slow one');
  await client.event('RUN_STARTED');
  await other.hello(threadId);
  const [second, third] = ['error, the second', 'error, the third'].map((text) =>
    client.prompt(threadId, text),
  ) as [string, string];
  await other.find(isPending(second, third));
  assert.equal(await faultOf(client, third, 'now'), null);
  await other.find(isPending(third, second));
  const end = await client.runEnded(slow);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  await client.runEnded(second);
  const started = client.events.flatMap((e) => (e.type === 'RUN_STARTED' ? [e.runId] : []));
  assert.deepEqual(started, [slow, third, second]);
  assert.equal(await faultOf(client, third, 'again'), null);
  await Promise.all([client.close(), other.close()]);
});

test('[SN1] a prompt and its sendNow in one breath are as good', async () => {
  const client = await open('bea');
  const threadId = await client.hello();
  const slow = client.prompt(threadId, 'a slow one');
  await client.event('RUN_STARTED');
  const next = client.prompt(threadId, 'error, at once');
  client.send({ type: 'sendNow', runId: next });
  const end = await client.runEnded(slow);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  await client.runEnded(next);
  await client.close();
});

test('[SN3] an unknown run, and another user’s, are refused, and the socket stays', async () => {
  const [client, other] = [await open('dora'), await open('eve')];
  const [threadId] = [await client.hello(), await other.hello()];
  const run = client.prompt(threadId, 'a slow one');
  await client.event('RUN_STARTED');
  assert.equal(await faultOf(other, run, 'x'), 'run.unknown');
  assert.equal(await faultOf(other, 'never', 'y'), 'run.unknown');
  assert.equal(await faultOf(client, run, 'z'), null);
  client.send({ type: 'abort', runId: run });
  await client.runEnded(run);
  await Promise.all([client.close(), other.close()]);
});

test('[SN3] a prompt that is parked behind a limit stays parked', async () => {
  const client = await open('fay');
  const threadId = await client.hello();
  for (let n = 0; n < 6; n++) await client.runEnded(client.prompt(threadId, 'error, please'));
  const parked = client.prompt(threadId, 'error, once more');
  await client.direct('throttled');
  assert.equal(await faultOf(client, parked, 'now'), 'throttled');
  await client.close();
});

test('[SN1] one that is still on its way to be accepted is remembered, and nothing is asked of the store', async () => {
  const drafts = new Drafts();
  const session = NO_TRACES.session({
    id: 's',
    route: '/ws',
    isWebSocket: true,
    traceparent: undefined,
  });
  const trace = session.prompt('gil/t', 'r');
  drafts.add('gil/t', { runId: 'r', digest: 'd', text: 'x' }, { owner: {}, trace });
  const never = () => assert.fail('it is not accepted yet');
  const parts = {
    store: { run: never },
    conversations: { sendNow: never },
    parking: { get: () => undefined },
  };
  assert.equal(await sendNow('gil', 'r', drafts, parts), null);
  assert.equal(drafts.get('gil', 'r')?.hurried, true);
});
