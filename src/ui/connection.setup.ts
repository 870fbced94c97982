/** What the names in the connection machine stand for. It is decided there when each is done. */
import { assign, cancel, emit, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { RunInput } from '../transport/protocol.ts';
import { backoffMs } from './backoff.ts';
import { afterClose } from './close-codes.ts';
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  ConnectionNews,
  Wish,
} from './connection.events.ts';
import { socket } from './socket.ts';
import { type Verdict, verify } from './verify.ts';

const OUTBOX_MAX = 32;
/** A sign of life that the server answers: whether the socket still leads anywhere. */
const PROBE = 'probe';
/** A server that just restarted can refuse one socket and answer the question after it; three in a row is a rule. */
const REFUSALS_MAX = 3;

function isRun(wish: Wish): wish is RunInput & { ref: string } {
  return 'messages' in wish;
}

export const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as ConnectionInput,
    emitted: {} as ConnectionNews,
  },
  actors: { socket, verify },
  guards: {
    mustVerify: (_, code: number) => afterClose(code) === 'verify',
    mustCool: (_, code: number) => afterClose(code) === 'cool',
    mayResume: (_, code: number) => afterClose(code) === 'resume',
    hasRoom: ({ context }) => context.outbox.length < OUTBOX_MAX,
    isHelloRefused: ({ event }) =>
      event.type === 'server.replied' && event.ref === 'hello' && event.fault !== null,
    isProbeAnswered: ({ event }) => event.type === 'server.replied' && event.ref === PROBE,
    isSignedIn: (_, verdict: Verdict) => verdict.is === 'signedIn',
    isSignedOut: (_, verdict: Verdict) => verdict.is === 'signedOut',
    isBarred: (_, verdict: Verdict) => verdict.is === 'barred',
    isUnknown: (_, verdict: Verdict) => verdict.is === 'unknown',
    /** Somebody is signed in, and not the one this page is for. */
    isAnother: ({ context }, user: string | null) =>
      user !== null && context.user !== null && user !== context.user,
    isOwn: ({ context }, user: string) => user === context.user,
    isOnceTooOften: ({ context }) => context.refusals + 1 >= REFUSALS_MAX,
  },
  delays: {
    connectTimeout: 15_000,
    settled: 5_000,
    /** An answer takes a round trip; later than this it is worth a word, and after both the socket is given up. */
    probeSoon: 1_000,
    probeTimeout: 4_000,
    silence: 50_000,
    /** Until the answer to a hello, behind what is on its way on a slow line. */
    answer: 10_000,
    verifyTimeout: 10_000,
    leaveTimeout: 10_000,
    retry: ({ context }) => context.retryMs,
  },
  actions: {
    sayHello: sendTo('socket', ({ context }) => ({
      type: 'send' as const,
      frame: { type: 'hello' as const, ...context.place(), ref: 'hello' },
    })),
    probe: sendTo('socket', {
      type: 'send' as const,
      frame: { type: 'pong' as const, ref: PROBE },
    }),
    expectLife: enqueueActions(({ enqueue }) => {
      enqueue(cancel('silence'));
      enqueue(raise({ type: 'socket.silent' }, { delay: 'silence', id: 'silence' }));
    }),
    /** Of a hello, whose answer is due sooner than the server's next ping. */
    expectAnswer: enqueueActions(({ enqueue }) => {
      enqueue(cancel('silence'));
      enqueue(raise({ type: 'socket.silent' }, { delay: 'answer', id: 'silence' }));
    }),
    forgetLife: cancel('silence'),
    sendOutbox: enqueueActions(({ context, enqueue }) => {
      for (const wish of context.outbox)
        enqueue(sendTo('socket', { type: 'send' as const, frame: wish }));
    }),
    planRetry: assign(({ context }, floorMs: number) => {
      const jitter = backoffMs(context.tries, context.random());
      const now = context.now();
      // Sooner than it refuses, this would come back to the server that is about to go.
      const retryMs = Math.max(floorMs, jitter, (context.refusesAt ?? now) - now);
      return { retryMs, retryAt: now + retryMs, tries: context.tries + 1, refusesAt: null };
    }),
    keepWish: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'user.wished') return;
      if (context.outbox.some(({ ref }) => ref === event.wish.ref)) return;
      if (context.outbox.length >= OUTBOX_MAX)
        enqueue.emit({ type: 'wish.refused', wish: event.wish, fault: 'queue.full' });
      else enqueue.assign({ outbox: [...context.outbox, event.wish] });
    }),
    sendWish: sendTo('socket', ({ event }) => {
      if (event.type !== 'user.wished') throw new Error(`no wish in ${event.type}`);
      return { type: 'send' as const, frame: event.wish };
    }),
    settleReply: enqueueActions(({ context, event, enqueue }) => {
      // What a server that goes refuses is for the next one.
      if (event.type !== 'server.replied' || event.fault === 'server.restarting') return;
      const wish = context.outbox.find(({ ref }) => ref === event.ref);
      if (!wish) return;
      enqueue.assign({ outbox: context.outbox.filter((other) => other !== wish) });
      if (event.fault) enqueue.emit({ type: 'wish.refused', wish, fault: event.fault });
    }),
    dropTakenBack: assign({
      outbox: ({ context, event }) =>
        event.type === 'user.tookBack'
          ? context.outbox.filter(({ ref }) => ref !== event.ref)
          : context.outbox,
    }),
    dropAccepted: assign({
      outbox: ({ context, event }) =>
        event.type === 'server.accepted'
          ? context.outbox.filter((wish) => !(isRun(wish) && event.runIds.includes(wish.runId)))
          : context.outbox,
    }),
    returnOutbox: enqueueActions(({ context, event, enqueue }) => {
      const fault = event.type === 'socket.closed' ? `close ${event.code}` : 'closed';
      for (const wish of context.outbox) enqueue.emit({ type: 'wish.refused', wish, fault });
      enqueue.assign({ outbox: [] });
    }),
    /** What is kept for this user may be shown and sent from now on. */
    learnUser: enqueueActions(({ context, enqueue }, user: string | null) => {
      if (user === null || context.user !== null) return;
      enqueue.assign({ user });
      enqueue.emit({ type: 'user.known', user });
    }),
    tellWelcome: emit((_, user: string) => ({ type: 'user.welcomed' as const, user })),
    tellForgotten: enqueueActions(({ context: { user }, event, enqueue }) => {
      if (event.type !== 'user.left' || !event.forget || user === null) return;
      enqueue.emit({ type: 'unsent.disowned' });
      enqueue.emit({ type: 'user.forgotten', user });
    }),
    /** What is on its way is kept for each tab alone: only this one can forget its own. */
    disownUnsent: emit({ type: 'unsent.disowned' }),
    startAfresh: ({ context }) => context.startAfresh(),
  },
});
