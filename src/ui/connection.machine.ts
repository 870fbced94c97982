import { assign, cancel, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { RunInput } from '../transport/protocol.ts';
import { backoffMs } from './backoff.ts';
import { afterClose, whyStopped } from './close-codes.ts';
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  Wish,
} from './connection.events.ts';
import { faultWords } from './fault-words.ts';
import { socket } from './socket.ts';
import { verify } from './verify.ts';

const OUTBOX_MAX = 32;
const COOL_MS = 30_000;
/** A server that just restarted can refuse one socket and answer the question after it; three in a row is a rule. */
const REFUSALS_MAX = 3;

function isRun(wish: Wish): wish is RunInput & { ref: string } {
  return 'messages' in wish;
}

export const connectionMachine = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as ConnectionInput,
    emitted: {} as { type: 'wish.refused'; wish: Wish; fault: string },
  },
  actors: { socket, verify },
  guards: {
    mustLogIn: (_, code: number) => afterClose(code) === 'login',
    mustCool: (_, code: number) => afterClose(code) === 'cool',
    mayResume: (_, code: number) => afterClose(code) === 'resume',
    hasRoom: ({ context }) => context.outbox.length < OUTBOX_MAX,
    isHelloRefused: ({ event }) =>
      event.type === 'server.replied' && event.ref === 'hello' && event.fault !== null,
    isOnceTooOften: ({ context }) => context.refusals + 1 >= REFUSALS_MAX,
  },
  delays: {
    connectTimeout: 15_000,
    settled: 5_000,
    silence: 50_000,
    verifyTimeout: 10_000,
    retry: ({ context }) => context.retryMs,
  },
  actions: {
    sayHello: sendTo('socket', ({ context }) => ({
      type: 'send' as const,
      frame: { type: 'hello' as const, ...context.place(), ref: 'hello' },
    })),
    expectLife: enqueueActions(({ enqueue }) => {
      enqueue(cancel('silence'));
      enqueue(raise({ type: 'socket.silent' }, { delay: 'silence', id: 'silence' }));
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
    returnOutbox: enqueueActions(({ context, event, enqueue }) => {
      const fault = event.type === 'socket.closed' ? `close ${event.code}` : 'closed';
      for (const wish of context.outbox) enqueue.emit({ type: 'wish.refused', wish, fault });
      enqueue.assign({ outbox: [] });
    }),
    goToLogin: ({ context }) => context.goToLogin(),
  },
}).createMachine({
  id: 'connection',
  initial: 'attached',
  context: ({ input }) => ({
    ...input,
    outbox: input.outbox ?? [],
    tries: 0,
    refusals: 0,
    refusesAt: null,
    retryMs: 0,
    retryAt: 0,
    why: null,
  }),
  on: {
    'user.wished': { actions: 'keepWish' },
    'user.tookBack': {
      actions: assign({
        outbox: ({ context, event }) => context.outbox.filter(({ ref }) => ref !== event.ref),
      }),
    },
  },
  states: {
    attached: {
      description: 'A socket exists. Leaving closes it.',
      invoke: {
        id: 'socket',
        src: 'socket',
        input: ({ context: { url, receive } }) => ({ url, receive }),
      },
      initial: 'connecting',
      exit: 'forgetLife',
      on: {
        'socket.closed': [
          { guard: { type: 'mustLogIn', params: ({ event }) => event.code }, target: 'signedOut' },
          {
            guard: { type: 'mustCool', params: ({ event }) => event.code },
            target: 'waiting',
            actions: { type: 'planRetry', params: COOL_MS },
          },
          {
            guard: { type: 'mayResume', params: ({ event }) => event.code },
            target: 'waiting',
            actions: { type: 'planRetry', params: 0 },
          },
          {
            target: 'stopped',
            actions: [assign({ why: ({ event }) => whyStopped(event.code) }), 'returnOutbox'],
          },
        ],
        'socket.silent': { target: 'waiting', actions: { type: 'planRetry', params: 0 } },
        'socket.alive': { actions: 'expectLife' },
        'server.replied': { actions: 'settleReply' },
        'server.accepted': {
          actions: assign({
            outbox: ({ context, event }) =>
              context.outbox.filter((w) => !(isRun(w) && event.runIds.includes(w.runId))),
          }),
        },
        'server.draining': {
          actions: assign({ refusesAt: (it) => it.context.now() + it.event.reconnectAfterMs }),
        },
      },
      states: {
        connecting: {
          on: {
            'socket.opened': { target: 'catchingUp', actions: ['sayHello', 'expectLife'] },
            'socket.closed': '#connection.verifying',
          },
          after: {
            connectTimeout: {
              target: '#connection.waiting',
              actions: { type: 'planRetry', params: 0 },
            },
          },
        },
        catchingUp: {
          entry: assign({ refusals: 0 }),
          on: {
            'server.caughtUp': { target: 'live', actions: 'sendOutbox' },
            'server.replied': [
              {
                guard: 'isHelloRefused',
                target: '#connection.stopped',
                actions: [
                  assign({ why: ({ event }) => faultWords(event.fault ?? '') }),
                  'returnOutbox',
                ],
              },
              { actions: 'settleReply' },
            ],
            'thread.changed': { actions: 'sayHello' },
          },
        },
        live: {
          on: {
            'user.wished': [
              { guard: 'hasRoom', actions: ['keepWish', 'sendWish'] },
              { actions: 'keepWish' },
            ],
            'user.hinted': {
              actions: sendTo('socket', ({ event: { frame } }) => ({ type: 'send', frame })),
            },
            'thread.changed': { target: 'catchingUp', actions: 'sayHello' },
          },
          after: { settled: { actions: assign({ tries: 0 }) } },
        },
      },
    },
    waiting: {
      description: 'Nothing is open; the next try is at `retryAt`.',
      after: { retry: 'attached' },
      on: { 'network.online': 'attached', 'page.visible': 'attached', 'user.retried': 'attached' },
    },
    verifying: {
      description: 'The server refused the socket before it opened; a browser cannot see why.',
      invoke: {
        src: 'verify',
        input: ({ context: { url } }) => ({ url }),
        onDone: [
          { guard: ({ event }) => event.output === 'signedOut', target: 'signedOut' },
          {
            guard: ({ event }) => event.output === 'unknown',
            target: 'waiting',
            actions: [assign({ refusals: 0 }), { type: 'planRetry', params: 0 }],
          },
          { guard: 'isOnceTooOften', target: 'refused' },
          {
            target: 'waiting',
            actions: [
              assign({ refusals: ({ context }) => context.refusals + 1 }),
              { type: 'planRetry', params: 0 },
            ],
          },
        ],
      },
      after: {
        verifyTimeout: { target: 'waiting', actions: { type: 'planRetry', params: 0 } },
      },
    },
    refused: {
      description: 'Signed in, yet no socket: this page’s origin is not on the server’s list.',
      on: { 'user.retried': { target: 'attached', actions: assign({ refusals: 0 }) } },
    },
    stopped: {
      description:
        'A close code no retry would mend. A person may still try, or open another chat.',
      on: { 'user.retried': 'attached', 'thread.changed': 'attached' },
      exit: assign({ why: null }),
    },
    signedOut: { type: 'final', entry: 'goToLogin' },
  },
});
