import { assign } from 'xstate';
import { whyBarred, whyStopped } from './close-codes.ts';
import { live, RETRY_SOON } from './connection.live.ts';
import { connectionSetup } from './connection.setup.ts';
import { faultWords } from './fault-words.ts';
import type { Verdict } from './verify.ts';

const COOL_MS = 30_000;

/** What a verdict says, for guards and actions. */
const verdictIn = ({ event }: { event: { output: Verdict } }) => event.output;
const userIn = ({ event: { output } }: { event: { output: Verdict } }) =>
  output.is === 'signedIn' ? output.user : null;

export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  initial: 'attached',
  context: ({ input }) => ({
    ...input,
    user: null,
    outbox: [],
    tries: 0,
    refusals: 0,
    refusesAt: null,
    retryMs: 0,
    retryAt: 0,
    why: null,
  }),
  on: {
    'user.wished': { actions: 'keepWish' },
    'user.tookBack': { actions: 'dropTakenBack' },
    'user.left': { target: '.leaving', actions: 'tellForgotten' },
    'signIn.forgotten': {
      guard: { type: 'isOwn', params: ({ event }) => event.user },
      target: '.replaced',
      actions: 'disownUnsent',
    },
    'signIn.seen': {
      guard: { type: 'isAnother', params: ({ event }) => event.user },
      target: '.verifying',
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
          {
            guard: { type: 'mustVerify', params: ({ event }) => event.code },
            target: 'verifying',
          },
          {
            guard: { type: 'mustCool', params: ({ event }) => event.code },
            target: 'waiting',
            actions: { type: 'planRetry', params: COOL_MS },
          },
          {
            guard: { type: 'mayResume', params: ({ event }) => event.code },
            target: 'waiting',
            actions: RETRY_SOON,
          },
          {
            target: 'stopped',
            actions: [assign({ why: ({ event }) => whyStopped(event.code) }), 'returnOutbox'],
          },
        ],
        'socket.silent': { target: 'waiting', actions: RETRY_SOON },
        'socket.alive': { actions: 'expectLife' },
        'server.welcomed': [
          {
            guard: { type: 'isAnother', params: ({ event }) => event.user },
            target: 'replaced',
          },
          {
            actions: [
              { type: 'learnUser', params: ({ event }) => event.user },
              { type: 'tellWelcome', params: ({ event }) => event.user },
              'expectLife',
            ],
          },
        ],
        'server.replied': { actions: 'settleReply' },
        'server.accepted': { actions: 'dropAccepted' },
        'server.draining': {
          actions: assign({ refusesAt: (it) => it.context.now() + it.event.reconnectAfterMs }),
        },
      },
      states: {
        connecting: {
          on: {
            'socket.opened': { target: 'catchingUp', actions: ['sayHello', 'expectAnswer'] },
            'socket.closed': '#connection.verifying',
          },
          after: {
            connectTimeout: {
              target: '#connection.waiting',
              actions: RETRY_SOON,
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
            'thread.changed': { actions: ['sayHello', 'expectAnswer'] },
          },
        },
        live,
      },
    },
    waiting: {
      description: 'Nothing is open; the next try is at `retryAt`.',
      after: { retry: 'attached' },
      on: { 'network.online': 'attached', 'page.visible': 'attached', 'user.retried': 'attached' },
    },
    verifying: {
      description:
        'The server refused the socket before it opened, which a browser cannot see the reason of, or ended it with the sign-in.',
      invoke: {
        src: 'verify',
        input: ({ context: { url } }) => ({ url }),
        onDone: [
          { guard: { type: 'isSignedOut', params: verdictIn }, target: 'signedOut' },
          {
            guard: { type: 'isBarred', params: verdictIn },
            target: 'stopped',
            actions: [assign({ why: ({ event }) => whyBarred(event.output) }), 'returnOutbox'],
          },
          { guard: { type: 'isAnother', params: userIn }, target: 'replaced' },
          {
            guard: { type: 'isUnknown', params: verdictIn },
            target: 'waiting',
            actions: [assign({ refusals: 0 }), RETRY_SOON],
          },
          {
            guard: 'isOnceTooOften',
            target: 'refused',
            actions: { type: 'learnUser', params: userIn },
          },
          {
            target: 'waiting',
            actions: [
              assign({ refusals: ({ context }) => context.refusals + 1 }),
              { type: 'learnUser', params: userIn },
              RETRY_SOON,
            ],
          },
        ],
      },
      on: { 'signIn.seen': { target: 'verifying', reenter: true } },
      after: {
        verifyTimeout: { target: 'waiting', actions: RETRY_SOON },
      },
    },
    refused: {
      description:
        'Signed in, yet no socket: this page’s origin is not on the server’s list, or there are too many.',
      entry: assign({ refusals: 0 }),
      on: { 'network.online': 'attached', 'page.visible': 'attached', 'user.retried': 'attached' },
    },
    stopped: {
      description:
        'A close code no retry would mend. A person may still try, or open another chat.',
      on: { 'user.retried': 'attached', 'thread.changed': 'attached' },
      exit: assign({ why: null }),
    },
    signedOut: {
      description:
        'The sign-in has ended. The page stays as it is, and comes back once its user is signed in again.',
      initial: 'resting',
      on: {
        'signIn.seen': '.asking',
        'page.visible': '.asking',
        'page.focused': '.asking',
        'network.online': '.asking',
      },
      states: {
        resting: {},
        asking: {
          invoke: {
            src: 'verify',
            input: ({ context: { url } }) => ({ url }),
            onDone: [
              { guard: { type: 'isAnother', params: userIn }, target: '#connection.replaced' },
              {
                guard: { type: 'isSignedIn', params: verdictIn },
                target: '#connection.attached',
                actions: assign({ tries: 0, refusals: 0 }),
              },
              {
                guard: { type: 'isUnknown', params: verdictIn },
                target: 'unsure',
                actions: RETRY_SOON,
              },
              { target: 'resting' },
            ],
          },
          after: {
            verifyTimeout: { target: 'unsure', actions: RETRY_SOON },
          },
        },
        unsure: {
          description: 'Nobody could say. It is asked again at `retryAt`.',
          after: { retry: 'asking' },
        },
      },
    },
    leaving: {
      description: 'The user signs out: the socket is closed, and the browser leaves the page.',
      // Back, from the page it went to: what is shown is no longer for whoever is there.
      on: { 'signIn.seen': {}, 'page.restored': 'replaced' },
      after: { leaveTimeout: 'attached' },
    },
    replaced: {
      description:
        'The page is for somebody who has left this browser; it starts afresh for who is there.',
      type: 'final',
      entry: 'startAfresh',
    },
  },
});
