/**
 * The state of a connection that has caught up. A machine that slept, or a network that is another, leaves a socket
 * that looks open and leads nowhere: whenever that may have happened the server is asked for a sign of life.
 */
import { assign, sendTo } from 'xstate';
import { connectionSetup } from './connection.setup.ts';

/** After the short wait that the backoff begins with. */
export const RETRY_SOON = { type: 'planRetry', params: 0 } as const;
const SURE_AGAIN = { guard: 'isProbeAnswered', target: 'sure' } as const;

export const live = connectionSetup.createStateConfig({
  on: {
    'user.wished': [
      { guard: 'hasRoom', actions: ['keepWish', 'sendWish'] },
      { actions: 'keepWish' },
    ],
    'user.hinted': {
      actions: sendTo('socket', ({ event: { frame } }) => ({ type: 'send', frame })),
    },
    'thread.changed': { target: 'catchingUp', actions: ['sayHello', 'expectAnswer'] },
  },
  after: { settled: { actions: assign({ tries: 0 }) } },
  initial: 'sure',
  states: {
    sure: {
      on: { 'page.visible': 'probing', 'network.online': 'probing' },
    },
    probing: {
      description:
        'The machine may have slept, or the network be another: the socket would look open all the same.',
      entry: 'probe',
      on: { 'server.replied': [SURE_AGAIN, { actions: 'settleReply' }] },
      after: { probeSoon: 'doubtful' },
    },
    doubtful: {
      description: 'No answer yet: it is said.',
      on: {
        'server.replied': [SURE_AGAIN, { actions: 'settleReply' }],
        // On a slow line the answer comes behind all that is on its way; what still comes says as much.
        'socket.alive': { target: 'sure', actions: 'expectLife' },
      },
      after: { probeTimeout: { target: '#connection.waiting', actions: RETRY_SOON } },
    },
  },
});
