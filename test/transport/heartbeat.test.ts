import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Connection } from '../../src/transport/connection.ts';
import { BEAT_MS } from '../../src/transport/websocket.ts';
import { settle } from '../support/held-store.ts';
import { lonePeer } from '../support/lone-peer.ts';

async function connect(t: TestContext) {
  const { socket, session, parts } = await lonePeer(t);
  const connection = new Connection({ ...parts, draining: () => null });
  return { socket, connection, session };
}

test('[R48] every socket is asked for a sign of life every 20 s, by both kinds of ping', async (t) => {
  assert.equal(BEAT_MS, 20_000);
  const { socket, connection } = await connect(t);
  connection.beat();
  assert.deepEqual(socket.sent, ['{"type":"ping"}']);
  assert.equal(socket.pings, 1);
});

test('[R48] a socket that leaves two pings unanswered is terminated', async (t) => {
  const { socket, connection, session } = await connect(t);
  connection.beat();
  connection.beat();
  assert.equal(socket.terminated, 0);
  connection.beat();
  assert.equal(socket.terminated, 1);
  assert.equal(session.getSnapshot().status, 'done');
});

test('[R48] a pong, or any frame at all, is a sign of life', async (t) => {
  const { socket, connection } = await connect(t);
  for (const sign of [
    () => socket.emit('pong', Buffer.alloc(0)),
    () => socket.emit('message', Buffer.from('{"type":"pong"}'), false),
  ]) {
    for (let i = 0; i < 4; i++) {
      connection.beat();
      connection.beat();
      sign();
    }
  }
  await settle(2);
  assert.equal(socket.terminated, 0);
});
