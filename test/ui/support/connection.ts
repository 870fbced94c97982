/** A connection machine for tests: nothing happens in it but what a test says. */
import { createActor, fromCallback, fromPromise, SimulatedClock } from 'xstate';
import type { Wish } from '../../../src/ui/connection.events.ts';
import { connectionMachine } from '../../../src/ui/connection.machine.ts';
import type { SocketCommand, SocketFact, SocketInput } from '../../../src/ui/socket.ts';
import type { Verdict, VerifyInput } from '../../../src/ui/verify.ts';

export const SIGNED_OUT: Verdict = { is: 'signedOut' };
export const UNKNOWN: Verdict = { is: 'unknown' };
export const signedIn = (user = 'alice'): Verdict => ({ is: 'signedIn', user });

/** Where it is; of a live one, only where it is not sure. */
function stateOf(value: unknown): unknown {
  const { attached } = value as { attached?: { live?: string } };
  return attached?.live === 'sure' ? { attached: 'live' } : value;
}

/** A machine on a clock that stands still, with sockets that do only what the test says. */
export function connect({ random = 0.5 } = {}) {
  const clock = new SimulatedClock();
  const sockets: { sent: SocketCommand['frame'][]; open: boolean; say: (f: SocketFact) => void }[] =
    [];
  const verdicts: ((verdict: Verdict) => void)[] = [];
  const place = { threadId: 't1' as string | null, after: 'c1' as string | null };
  let reloads = 0;
  const machine = connectionMachine.provide({
    actors: {
      socket: fromCallback<SocketCommand, SocketInput>(({ sendBack, receive }) => {
        const socket = { sent: [] as SocketCommand['frame'][], open: true, say: sendBack };
        sockets.push(socket);
        receive(({ frame }) => socket.sent.push(frame));
        return () => {
          socket.open = false;
        };
      }),
      verify: fromPromise<Verdict, VerifyInput>(
        () => new Promise((resolve) => verdicts.push(resolve)),
      ),
    },
  });
  const actor = createActor(machine, {
    clock,
    input: {
      url: 'ws://localhost/chat/ws',
      place: () => place,
      receive: () => {},
      startAfresh: () => {
        reloads += 1;
      },
      random: () => random,
      now: () => clock.now(),
    },
  });
  const refused: { wish: Wish; fault: string }[] = [];
  actor.on('wish.refused', ({ wish, fault }) => refused.push({ wish, fault }));
  const known: string[] = [];
  actor.on('user.known', ({ user }) => known.push(user));
  actor.start();
  const last = () => sockets.at(-1)!;
  return {
    actor,
    clock,
    sockets,
    refused,
    place,
    last,
    known,
    reloads: () => reloads,
    verdicts,
    asked: () => verdicts.length,
    state: () => stateOf(actor.getSnapshot().value),
    outbox: () => actor.getSnapshot().context.outbox.map(({ ref }) => ref),
    prompts: () => last().sent.filter((frame) => 'messages' in frame),
    goLive: (user = 'alice') => {
      last().say({ type: 'socket.opened' });
      last().say({ type: 'server.welcomed', user });
      last().say({ type: 'server.caughtUp' });
    },
    close: (code: number) => last().say({ type: 'socket.closed', code }),
    verdict: async (verdict: Verdict) => {
      verdicts.at(-1)?.(verdict);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function prompt(runId: string): Wish {
  const messages = [{ id: `u-${runId}`, role: 'user' as const, content: 'hi' }];
  return { threadId: 't1', runId, messages, ref: runId };
}
