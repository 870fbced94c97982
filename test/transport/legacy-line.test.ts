import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { encodeRow } from '../../src/transport/fanout.ts';
import { ChatStream } from '../../src/transport/legacy/chat-stream.ts';
import { STUCK_MS } from '../../src/transport/outbox.ts';
import type { PromptDesk } from '../../src/transport/prompt-desk.ts';
import { settle } from '../support/held-store.ts';
import { lonePeer } from '../support/lone-peer.ts';

async function connect(t: TestContext, take?: PromptDesk['take']) {
  const { socket, session, parts, watches } = await lonePeer(t, take);
  const at = { publicUrl: null, basePath: '/chat', maxPromptBytes: 1_024 };
  const stream = new ChatStream({ ...parts, conversationId: null, at });
  return { socket, stream, session, watches };
}

const row = (delta: string) => {
  const chunk = JSON.stringify({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta });
  return encodeRow({ term: 1, seq: 1, runId: 'r', chunk });
};

test('[CS7] [R48] it is asked for a sign of life by ping alone, and terminated after two misses', async (t) => {
  const { socket, stream, session } = await connect(t);
  for (let i = 0; i < 4; i++) {
    stream.beat();
    socket.emit('pong', Buffer.alloc(0));
  }
  assert.deepEqual(socket.sent, []);
  stream.beat();
  stream.beat();
  assert.equal(socket.terminated, 0);
  stream.beat();
  assert.equal(socket.terminated, 1);
  assert.equal(session.getSnapshot().status, 'done');
});

test('[CS7] [R49] one that reads too slowly is taken off live delivery, and closed with 4408 when stuck', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { socket, stream } = await connect(t);
  socket.slow = true;
  let taken = 0;
  while (stream.outbox.push(row('x'.repeat(50_000)))) taken += 1;
  assert.ok(taken > 15 && taken <= 21, `${taken} of 50 kB`);
  t.mock.timers.tick(STUCK_MS);
  assert.equal(socket.closedWith, 4408);
  assert.ok(socket.sent.every((frame) => frame.startsWith('{"type":"token"')));
});

test('[CS4] a store that is down is told, and closes with 1013', async (t) => {
  const { socket } = await connect(t, async () => {
    throw new Error('no store');
  });
  socket.emit('message', Buffer.from('{"type":"chat_request","message":"hi"}'), false);
  await settle();
  assert.deepEqual(socket.sent, [
    '{"type":"error","message":"The store cannot be reached. Nothing was lost."}',
  ]);
  assert.equal(socket.closedWith, 1013);
});

test('[CS4] a binary message is told, and does not end the socket', async (t) => {
  const { socket } = await connect(t);
  socket.emit('message', Buffer.from('{}'), true);
  await settle();
  assert.deepEqual(socket.sent, [
    '{"type":"error","message":"The server could not read that frame."}',
  ]);
  assert.equal(socket.closedWith, null);
});

test('[R37] what it watches is let go of as its session ends, however long its line takes to close', async (t) => {
  const { session, watches } = await connect(t);
  assert.equal(watches(), true);
  session.send({ type: 'signIn.revoked' });
  assert.equal(watches(), false);
});
