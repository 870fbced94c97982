import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { FAULTS } from '../../src/faults.ts';
import { afterClose } from '../../src/ui/close-codes.ts';
import { TestClient } from '../support/client.ts';
import { heldStore } from '../support/held-store.ts';
import { isGone, rawRequest, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Slow to refill, so that what a test sends at once is over. */
const BURST = 20;
const held = heldStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer(
    { CHAT_MAX_FRAMES_PER_SECOND: '1', CHAT_MAX_FRAMES_BURST: String(BURST) },
    { store: held.store },
  );
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
const pongs = (client: TestClient, count: number) => {
  for (let i = 0; i < count; i++) client.send({ type: 'pong' });
};
const refusals = (client: TestClient, ref: string) =>
  client.frames.filter(
    (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === ref && frame.fault,
  );

test('[R31] [FR9] a frame over the burst is refused by name, in full once, and the socket lives', async () => {
  const client = await open();
  const threadId = await client.hello();
  pongs(client, BURST - 1);
  const runId = client.prompt(threadId, 'error');
  client.send({ type: 'warm', ref: 'w' });
  client.prompt(threadId, 'error');
  const throttled = await client.direct('throttled');
  const { retryAfterMs, resetAt, ...rest } = throttled;
  assert.deepEqual(rest, {
    type: 'throttled',
    runId,
    limit: 'frames',
    remaining: 0,
    max: BURST,
    parked: false,
  });
  assert.ok(retryAfterMs !== null && retryAfterMs > 0 && retryAfterMs <= 1_000);
  assert.ok(Math.abs((resetAt ?? 0) - Date.now() - retryAfterMs) < 20_000);
  await client.find(() => refusals(client, 'w').length === 1);
  await client.find(() => client.frames.filter(isRefusal).length === 2);
  assert.equal(refusals(client, runId).length, 1);
  assert.equal(client.frames.filter((f) => 'type' in f && f.type === 'throttled').length, 1);
  assert.equal(await held.store.run('alice', runId), null);
  assert.equal(client.socket.readyState, client.socket.OPEN);
  await client.close();
});

const isRefusal = (frame: object) =>
  'type' in frame && frame.type === 'RUN_ERROR' && 'code' in frame && frame.code === 'throttled';

test('[R31] [FR9] a stock client’s prompt over the burst is one bare RUN_ERROR, however long it is', async () => {
  const client = await open();
  pongs(client, BURST);
  client.prompt(randomUUID(), 'short');
  client.prompt(randomUUID(), 'x'.repeat(200_000)); // within, that is 4413
  await client.find(() => client.frames.filter(isRefusal).length === 2);
  assert.equal(client.frames.length, 2);
  await client.close();
});

test('[R51] [FR9] as many refusals again end the socket with 4429, after which a client waits', async () => {
  const [client, other] = [await open(), await open()];
  const threadId = await other.hello();
  pongs(client, 2 * BURST);
  client.socket.ping(); // the next frame of any kind
  assert.equal((await client.closed).code, 4429);
  assert.equal(FAULTS['client.flooding'].close, 4429);
  assert.equal(afterClose(4429), 'cool');
  // Nobody else hears of it, and it may come back.
  assert.equal((await other.runEnded(other.prompt(threadId, 'error'))).type, 'RUN_ERROR');
  const again = await open();
  await again.hello();
  await Promise.all([other.close(), again.close()]);
});

test('[R31] [R51] [FR9] pings and pongs of the protocol count as frames', async () => {
  const client = await open();
  for (let i = 0; i <= 2 * BURST; i++)
    if (i % 2 === 0) client.socket.ping();
    else client.socket.pong();
  assert.equal((await client.closed).code, 4429);
});

test('[R31] [FR9] a frame over the burst that cannot be read still ends the socket with 4400', async () => {
  const client = await open();
  pongs(client, BURST);
  client.send('nonsense');
  assert.equal((await client.closed).code, 4400);
});

test('[R31] [FR9] an abort is obeyed over the burst, and before the flood ends its socket', async () => {
  const watching = await open();
  const threadId = await watching.hello();
  const runId = watching.prompt(threadId, 'slow, please');
  await watching.event('RUN_STARTED');
  const flooding = await open();
  // The abort comes as the very frame that is one too many, and the store is slow to say whose run it is.
  const asked = held.hold('run');
  pongs(flooding, 2 * BURST);
  flooding.send({ type: 'abort', runId });
  pongs(flooding, 1_000);
  await asked.waiting();
  asked.release();
  assert.equal((await flooding.closed).code, 4429);
  const end = await watching.runEnded(runId);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  await watching.close();
});

test('[R51] [R52] one that floods on and never answers the close is cut off', async () => {
  const { socket, status } = await rawRequest(server.origin, '/chat/ws', {
    ...UPGRADE_HEADERS,
    Origin: server.origin,
    Cookie: cookie,
  });
  assert.equal(status, 101);
  const masked = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]); // an empty pong
  const flood = Buffer.concat(Array<Buffer>(10 * BURST).fill(masked));
  const received = new Promise<Buffer>((resolve) => {
    let bytes = Buffer.alloc(0);
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      // A close frame with 4429.
      if (bytes.includes(Buffer.from([4429 >> 8, 4429 & 0xff]))) resolve(bytes);
    });
  });
  socket.write(flood);
  await received;
  socket.write(flood);
  assert.equal(await isGone(socket), true);
  socket.destroy();
});

test('[R31] [R52] a flood of 100,000 frames into one socket holds up no other and no memory', async () => {
  const [client, other] = [await open(), await open()];
  const threadId = await other.hello();
  const heapBefore = process.memoryUsage().heapUsed;
  pongs(client, 100_000);
  await other.runEnded(other.prompt(threadId, 'error'));
  assert.equal((await client.closed).code, 4429);
  assert.ok(process.memoryUsage().heapUsed - heapBefore < 100 * 1024 * 1024);
  await other.close();
});
