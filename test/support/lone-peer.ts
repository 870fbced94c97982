/** What serves one WebSocket needs, without a server: a session that is signed in, and a socket that only remembers. */
import type { TestContext } from 'node:test';
import { createActor } from 'xstate';
import type { SessionPorts } from '../../src/machines/session.events.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { FrameBudget } from '../../src/transport/frame-budget.ts';
import type { PromptDesk } from '../../src/transport/prompt-desk.ts';
import { SessionLog } from '../../src/transport/session-log.ts';
import type { Viewer } from '../../src/transport/viewer.ts';
import { FakeSocket } from './sockets.ts';

const IDENTITY = { user: 'alice', operator: false, signInId: 's', expiresAt: 4e12 };

/** @param take What the prompts do with a request. */
export async function lonePeer(t: TestContext, take: PromptDesk['take'] = async () => {}) {
  const socket = new FakeSocket();
  const session = createActor(sessionMachine, {
    input: {
      ports: {} as SessionPorts,
      now: () => 4e12 - 1_000_000,
    },
  }).start();
  session.send({ type: 'signIn.verified', identity: IDENTITY });
  t.after(() => {
    session.stop();
    socket.end();
  });
  let watches = true;
  const parts = {
    socket: socket.asWebSocket,
    wire: socket.asWire,
    session,
    identity: IDENTITY,
    log: new SessionLog(createLog('silent'), 'lone'),
    viewer: () =>
      ({
        close() {
          watches = false;
        },
      }) as unknown as Viewer,
    prompts: { close() {}, take } as unknown as PromptDesk,
    frames: new FrameBudget({ maxFramesPerSecond: null, maxFramesBurst: 1 }, () => 0),
  };
  return { socket, session, parts, watches: () => watches };
}
