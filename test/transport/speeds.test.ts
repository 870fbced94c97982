/** Sockets of different speeds on one conversation, through the real kernel's buffers. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { settle } from '../support/held-store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const BATCHES = 20;
/** Of 60 kB each: all of them are more than an outbox and the kernel hold for one socket. */
const ROWS = 20;

let server: TestServer;
const store = memoryStore();

before(async () => {
  server = await startServer({}, { store });
});
after(() => server.stop());

test('[R12] [R49] [R8] of three sockets one reads at once, one slowly, one not at all for a while: none delays another, and each gets all', async () => {
  const cookie = await server.cookieFor('alice');
  const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);
  const [quick, slow, stalled] = [await open(), await open(), await open()];
  const threadId = randomUUID();
  const writer = await writerOf(store, 'alice', threadId);
  for (const client of [quick, slow, stalled]) await client.hello(threadId);
  readSlowly(slow);
  stalled.socket.pause();

  for (let batch = 0; batch < BATCHES; batch++) {
    const deltas = Array.from({ length: ROWS }, (_, i) => `${batch}.${i} `.padEnd(60_000, 'x'));
    await writer.say('r', 'm', ...deltas);
    // It has everything that was said before more is: nobody's pace but its own.
    await quick.find((frame) => 'id' in frame && frame.id === `1.${(batch + 1) * ROWS}`);
  }
  assert.ok(slow.kept.length < quick.kept.length, `slow is as quick: ${slow.kept.length}`);
  await has(slow, BATCHES * ROWS);
  assert.equal(stalled.kept.length, 0);
  stalled.socket.resume();
  await has(stalled, BATCHES * ROWS);

  const ids = Array.from({ length: BATCHES * ROWS }, (_, i) => `1.${i + 1}`);
  assert.deepEqual(
    quick.kept.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(slow.kept, quick.kept);
  assert.deepEqual(stalled.kept, quick.kept);
  await Promise.all([quick.close(), slow.close(), stalled.close()]);
});

/** After each frame it does something else for a while. */
function readSlowly({ socket }: TestClient): void {
  socket.on('message', () => {
    socket.pause();
    void settle(5).then(() => socket.resume());
  });
}

async function has(client: TestClient, rows: number): Promise<void> {
  await client.find((frame) => 'id' in frame && frame.id === `1.${rows}`);
}
