import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createActor } from 'xstate';
import type { SessionPorts } from '../../src/machines/session.events.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { Connection } from '../../src/transport/connection.ts';
import { FrameBudget } from '../../src/transport/frame-budget.ts';
import type { PromptDesk } from '../../src/transport/prompt-desk.ts';
import type { Viewer } from '../../src/transport/viewer.ts';
import { BEAT_MS } from '../../src/transport/websocket.ts';
import { settle } from '../support/held-store.ts';
import { FakeSocket } from '../support/sockets.ts';

const IDENTITY = { user: 'alice', operator: false, signInId: 's', expiresAt: 4e12 };

async function connect(t: TestContext) {
  const socket = new FakeSocket();
  const session = createActor(sessionMachine, {
    input: {
      ports: {} as SessionPorts,
      now: () => 4e12 - 1_000_000,
      verify: async () => IDENTITY,
    },
  }).start();
  await settle(2);
  const connection = new Connection({
    socket: socket.asWebSocket,
    wire: socket.asWire,
    session,
    identity: IDENTITY,
    log: createLog('silent'),
    viewer: () => ({ close() {} }) as unknown as Viewer,
    prompts: { close() {} } as unknown as PromptDesk,
    frames: new FrameBudget({ maxFramesPerSecond: null, maxFramesBurst: 1 }, () => 0),
    draining: () => null,
  });
  t.after(() => {
    session.stop();
    socket.end();
  });
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
