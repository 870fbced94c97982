import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Outbox, STUCK_MS, UNSENT_BYTES_MAX } from '../../src/transport/outbox.ts';
import { WebSocketLine } from '../../src/transport/web-socket-line.ts';
import { FakeSocket } from '../support/sockets.ts';

afterEach(() => FakeSocket.endAll());

function outbox() {
  const socket = new FakeSocket();
  socket.slow = true;
  let stuck = 0;
  const box = new Outbox(new WebSocketLine(socket.asWebSocket, socket.asWire), () => {
    stuck += 1;
  });
  return { socket, box, stuck: () => stuck };
}

const rowOf = (frame: Buffer) => ({
  row: { term: 1, seq: 1, runId: 'r', chunk: '{}' },
  frame,
});
const FRAME = Buffer.alloc(64 * 1024, 'x');

function fill({ box }: { box: Outbox }): number {
  let taken = 0;
  while (box.push(rowOf(FRAME))) taken += 1;
  return taken;
}

test('[R49] an outbox takes 1 MB of kept frames, not a byte more', () => {
  const one = outbox();
  assert.equal(fill(one), UNSENT_BYTES_MAX / FRAME.length);
  assert.equal(one.socket.bufferedAmount, UNSENT_BYTES_MAX);
  assert.equal(one.box.push(rowOf(Buffer.from('x'))), false);
  assert.equal(one.socket.sent.length, UNSENT_BYTES_MAX / FRAME.length);
});

test('[R4] a frame that was refused was not sent', () => {
  // `push` answers false for a frame it did send, while it waits to be drained.
  const one = outbox();
  fill(one);
  one.socket.drainTo(1_000);
  const sent = one.socket.sent.length;
  const taken = one.box.push(rowOf(FRAME));
  assert.equal(one.socket.sent.length - sent, taken ? 1 : 0);
});

test('[R49] a full outbox tells when it has drained, and takes frames again', async () => {
  const one = outbox();
  fill(one);
  let drained = false;
  const waiting = one.box.drained.then(() => {
    drained = true;
  });
  await Promise.resolve();
  assert.equal(drained, false);
  one.socket.drain();
  await waiting;
  assert.equal(one.box.push(rowOf(FRAME)), true);
});

test('a socket that fills up and drains a hundred times has as many listeners as before', () => {
  const one = outbox();
  const before = one.socket.listenerCount('close');
  for (let i = 0; i < 100; i++) {
    fill(one);
    one.socket.drain();
  }
  assert.equal(one.socket.listenerCount('close'), before);
});

test('[R49] a socket that sends nothing for 30 s is stuck', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const one = outbox();
  fill(one);
  t.mock.timers.tick(STUCK_MS - 1);
  assert.equal(one.stuck(), 0);
  t.mock.timers.tick(1);
  assert.equal(one.stuck(), 1);
});

test('[R49] a socket that makes some progress in each 30 s is not stuck', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const one = outbox();
  fill(one);
  for (let left = UNSENT_BYTES_MAX - 1_000; left > UNSENT_BYTES_MAX - 10_000; left -= 1_000) {
    one.socket.drainTo(left);
    t.mock.timers.tick(STUCK_MS);
  }
  assert.equal(one.stuck(), 0);
});

test('[R49] once drained or closed, an outbox is never stuck', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const [one, two] = [outbox(), outbox()];
  fill(one);
  fill(two);
  one.socket.drain();
  two.socket.end();
  t.mock.timers.tick(10 * STUCK_MS);
  assert.deepEqual([one.stuck(), two.stuck()], [0, 0]);
});

test('a socket that is closing takes everything and sends nothing', () => {
  const one = outbox();
  one.socket.close(1000);
  assert.equal(one.box.push(rowOf(FRAME)), true);
  one.box.tell({ type: 'ping' });
  assert.deepEqual(one.socket.sent, []);
});

test('[R12] direct frames to a socket that reads nothing are bounded too', () => {
  // Outbox.tell has no bound: replies and resets pile up for a client that asks and does not read.
  const one = outbox();
  for (let i = 0; i < 1_000 && one.stuck() === 0; i++)
    one.box.tell({ type: 'reply', ref: 'x'.repeat(60_000), fault: null });
  assert.ok(
    one.stuck() > 0 || one.socket.bufferedAmount <= 2 * UNSENT_BYTES_MAX,
    `${one.socket.bufferedAmount} bytes are held for one socket`,
  );
});
