/** When things were, as clients are told it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { encodeRow } from '../../src/transport/fanout.ts';
import { sharedRow } from '../../src/transport/shared-rows.ts';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({}, { store: memoryStore() });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
const BOUND = { timeout: 60_000 };

test(
  '[FR10] all but deltas say when they were, by the clock that welcome tells',
  BOUND,
  async () => {
    const client = await open();
    const began = Date.now();
    const threadId = await client.hello(randomUUID());
    await client.runEnded(client.prompt(threadId, 'good morning'));
    const ended = Date.now();
    const { now } = await client.direct('welcome');
    assert.ok(now >= began && now <= ended);
    let last = began;
    for (const event of client.events) {
      if ('delta' in event) {
        assert.equal(event.timestamp, undefined);
        continue;
      }
      assert.ok(event.timestamp !== undefined, event.type);
      assert.ok(event.timestamp >= last && event.timestamp <= ended, event.type);
      last = event.timestamp;
    }
    await client.close();
  },
);

test(
  '[WA2] who comes in the middle of a run is told when it was last heard of',
  BOUND,
  async () => {
    const client = await open();
    const began = Date.now();
    const threadId = await client.hello(randomUUID());
    assert.equal((await client.direct('caughtUp')).heardAt, undefined);
    const runId = client.prompt(threadId, 'slow please');
    await client.event('RUN_STARTED');
    const late = await open();
    await late.hello(threadId);
    const { heardAt } = await late.direct('caughtUp');
    assert.ok(heardAt !== undefined && heardAt >= began && heardAt <= Date.now());
    client.send({ type: 'abort', runId });
    await client.runEnded(runId);
    const last = await open();
    await last.hello(threadId);
    assert.equal((await last.direct('caughtUp')).heardAt, undefined);
    for (const each of [client, late, last]) await each.close();
  },
);

test('[R37] [LK6] a reader by a link is not told what a run has written so far, nor what Claude may do', () => {
  const row = (name: string) => {
    const chunk = JSON.stringify({ type: 'CUSTOM', name, value: { outputTokens: 9 } });
    return encodeRow({ runId: 'r', chunk, seq: 1, epoch: 1 } as never);
  };
  for (const own of ['claude.usage', 'claude.init', 'receipt'])
    assert.equal(sharedRow(row(own)), null, own);
  assert.notEqual(sharedRow(row('claude.status')), null);
});
