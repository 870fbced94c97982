import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { settle } from '../support/held-store.ts';
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

const open = (query = '', as = cookie) =>
  TestClient.open(server.webSocketUrl, server.origin, as, query);

test('[R4] ?runId&offset replays the rest of a run that has ended, then closes with 1000', async () => {
  const threadId = randomUUID();
  const writer = await writerOf(store, 'alice', threadId);
  await writer.run('before', 'before', ['-']);
  await writer.run('wanted', 'hi', ['a', 'b', 'c']);
  await writer.run('later', 'later', ['-']);
  const whole = await open('?runId=wanted&offset=-1');
  assert.deepEqual(await whole.closed, { code: 1000, reason: '' });
  assert.equal(whole.kept.length, 7);
  assert.equal(whole.text, 'abc');
  const rest = await open(`?runId=wanted&offset=${whole.kept[3]?.id}`);
  assert.equal((await rest.closed).code, 1000);
  assert.deepEqual(rest.kept, whole.kept.slice(4));
});

test('[R4] ?runId&offset at the last frame closes with 1000 at once', async () => {
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.run('ended', 'hi', ['a']);
  const client = await open(`?runId=ended&offset=1.4`);
  assert.equal((await client.closed).code, 1000);
  assert.deepEqual(
    client.kept.map(({ chunk }) => chunk.type),
    ['RUN_FINISHED'],
  );
  const none = await open(`?runId=ended&offset=1.5`);
  assert.equal((await none.closed).code, 1000);
  assert.deepEqual(none.kept, []);
});

test('[R4] ?runId&offset follows a live run to its end', async () => {
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.start('live', 'hi');
  await writer.say('live', 'm', 'a');
  const client = await open('?runId=live&offset=-1');
  await client.event('TEXT_MESSAGE_CONTENT');
  await writer.say('live', 'm', 'b');
  await writer.finish('live');
  assert.equal((await client.closed).code, 1000);
  assert.equal(client.text, 'ab');
});

test('[R55] an unknown run, another user’s run or a cursor that is not valid closes with 1008', async () => {
  const writer = await writerOf(store, 'bob', randomUUID());
  await writer.run('bobs', 'hi', ['secret']);
  const own = await writerOf(store, 'alice', randomUUID());
  await own.run('hers', 'hi', ['x']);
  for (const query of [
    'runId=nobodys&offset=-1',
    'runId=bobs&offset=-1',
    'runId=bobs&offset=1.1',
    'runId=hers&offset=7.1',
    'runId=hers&offset=1.99',
    'runId=hers&offset=',
    'runId=hers&offset=x',
    'runId=..%2F..%2Fetc&offset=-1',
    'runId=__proto__&offset=-1',
  ]) {
    const client = await open(`?${query}`);
    assert.equal((await client.closed).code, 1008, query);
    assert.deepEqual(client.frames, [], query);
  }
});

test('?runId without an offset is a first connect: nothing is replayed', async () => {
  const writer = await writerOf(store, 'alice', randomUUID());
  await writer.run('first', 'hi', ['x']);
  const client = await open('?runId=first');
  await settle();
  assert.deepEqual(client.frames, []);
  await client.close();
});

test('[R8] a socket without hello sees only the runs it sent, and no direct frames', async () => {
  const threadId = randomUUID();
  const [stock, other] = [await open(), await open()];
  await other.hello(threadId);
  const foreign = other.prompt(threadId, 'error, from elsewhere');
  await other.runEnded(foreign);
  const runId = stock.prompt(threadId, 'error, from here');
  await stock.runEnded(runId);
  await other.runEnded(runId);
  const another = other.prompt(threadId, 'error, again from elsewhere');
  await other.runEnded(another);
  assert.ok(stock.frames.every((frame) => 'chunk' in frame));
  const seen = stock.events.flatMap((event) => (event.type === 'RUN_STARTED' ? [event.runId] : []));
  assert.deepEqual(seen, [runId]);
  assert.equal(stock.events.filter(({ type }) => type === 'RUN_ERROR').length, 1);
  await Promise.all([stock.close(), other.close()]);
});

test('a refusal to a stock client is one bare RUN_ERROR with its code', async () => {
  const stock = await open();
  const from = stock.frames.length;
  stock.prompt(randomUUID(), '   ');
  const refusal = await stock.event('RUN_ERROR', from);
  assert.equal(refusal.code, 'prompt.empty');
  await settle();
  assert.equal(stock.frames.length, 1);
  assert.ok(!('id' in (stock.frames[0] ?? {})));
  await stock.close();
});
