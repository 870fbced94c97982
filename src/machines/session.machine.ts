import { and, assign, cancel, enqueueActions, fromPromise, not, raise, setup } from 'xstate';
import { type FaultCode, FaultError } from '../faults.ts';
import type { Identity, SessionContext, SessionEvent, SessionInput } from './session.events.ts';

/** How long before a sign-in ends its pages are warned: time enough to finish a sentence and use it. */
export const EXPIRING_MS = 120_000;

const verifySignIn = fromPromise<Identity, SessionInput>(({ input }) => input.verify());

/** What a client that has come in may do, unless a prompt of its own is parked. */
const TAKES_PROMPTS = {
  'client.prompt': { actions: 'askLimits' },
  'limits.granted': { guard: 'isCounted', actions: ['endCount', 'submit'] },
  'limits.refused': [
    { guard: and(['isCounted', 'mayPark']), target: 'throttled', actions: ['endCount', 'park'] },
    { guard: 'isCounted', actions: ['endCount', 'refuse'] },
  ],
  'limits.failed': { actions: 'endCount' },
} as const;

export const sessionMachine = setup({
  types: {} as {
    context: SessionContext;
    events: SessionEvent;
    input: SessionInput;
    output: { fault: FaultCode | null };
    children: { verify: 'verifySignIn' };
  },
  actors: { verifySignIn },
  guards: {
    runIsLive: ({ context }) => context.run !== null,
    isLeaving: ({ context }) => context.leaving,
    namesRun: ({ context, event }) => 'runId' in event && event.runId === context.run,
    namesParked: ({ context, event }) => 'runId' in event && event.runId === context.parked?.runId,
    isCounted: ({ context, event }) =>
      'runId' in event && context.counting.includes(String(event.runId)),
    mayPark: ({ event }) => event.type === 'limits.refused' && event.mayPark,
    windowIsKnown: ({ context }) => (context.parked?.refusal.retryAfterMs ?? null) !== null,
  },
  delays: {
    /** The window opens; a millisecond more, so that a clock read in between does not refuse again. */
    window: ({ context }) => (context.parked?.refusal.retryAfterMs ?? 0) + 1,
    signInEnd: ({ context }) => msLeft(context),
    signInWarning: ({ context }) => msLeft(context) - EXPIRING_MS,
  },
  actions: {
    askLimits: enqueueActions(({ enqueue, context, event }) => {
      const runId = event.type === 'client.prompt' ? event.runId : context.parked?.runId;
      if (runId === undefined) return;
      enqueue.assign({ counting: [...context.counting, runId] });
      enqueue(({ context: { ports } }) => ports.askLimits(runId));
    }),
    /** The limits have answered, or their answer is not wanted any more. */
    endCount: assign({
      counting: ({ context, event }) =>
        context.counting.filter((runId) => !('runId' in event) || runId !== event.runId),
    }),
    submit: ({ context, event }) => {
      if (event.type === 'limits.granted') context.ports.submit(event.runId);
    },
    refuse: ({ context, event }) => {
      if (event.type === 'limits.refused')
        context.ports.tellThrottled(event.runId, event.refusal, false);
    },
    refuseBehindParked: ({ context: { ports, parked }, event }) => {
      if (event.type === 'client.prompt' && parked)
        ports.tellThrottled(event.runId, parked.refusal, false);
    },
    park: enqueueActions(({ enqueue, event }) => {
      if (event.type !== 'limits.refused') return;
      const { runId, refusal } = event;
      enqueue.assign({ parked: { runId, refusal } });
      enqueue(({ context: { ports } }) => ports.tellThrottled(runId, refusal, true));
    }),
    forgetParked: enqueueActions(({ enqueue, context: { parked } }) => {
      if (parked) enqueue(({ context: { ports } }) => ports.forget(parked.runId));
      enqueue.assign({ parked: null });
    }),
    clearParked: assign({ parked: null }),
    noteRun: assign({
      run: ({ context, event }) =>
        'runId' in event && event.type !== 'client.unpark' ? event.runId : context.run,
    }),
    clearRun: assign({ run: null }),
    extend: assign({
      identity: ({ context, event }) =>
        event.type === 'signIn.extended' && context.identity
          ? { ...context.identity, expiresAt: event.expiresAt }
          : context.identity,
      expiring: null,
    }),
    disarmExpiry: cancel('expiry'),
    // One timer after the other, under one name: ten thousand idle sockets hold one each.
    armWarning: enqueueActions(({ enqueue, context }) => {
      if (msLeft(context) <= EXPIRING_MS) enqueue.raise({ type: 'signIn.expiring' });
      else enqueue.raise({ type: 'signIn.expiring' }, { id: 'expiry', delay: 'signInWarning' });
    }),
    noteExpiring: assign({ expiring: ({ context }) => context.identity?.expiresAt ?? null }),
    armExpiry: raise({ type: 'signIn.expired' }, { id: 'expiry', delay: 'signInEnd' }),
    leave: assign({ leaving: true }),
    blameRestart: assign({ fault: 'server.restarting' }),
    blame: assign({ fault: ({ context, event }) => blameFor(event) ?? context.fault }),
  },
}).createMachine({
  id: 'session',
  initial: 'authenticating',
  context: ({ input }) => ({
    ...input,
    identity: null,
    counting: [],
    run: null,
    parked: null,
    expiring: null,
    leaving: false,
    fault: null,
  }),
  output: ({ context }) => ({ fault: context.fault }),
  on: {
    'signIn.revoked': { target: '.closed', actions: 'blame' },
    'signIn.expired': { target: '.closed', actions: 'blame' },
    'client.fault': { target: '.closed', actions: 'blame' },
    'socket.closed': { target: '.closed', actions: 'blame' },
    'server.stopping': { target: '.closed', actions: 'blame' },
    'server.draining': { actions: 'leave' },
    'signIn.expiring': { actions: ['noteExpiring', 'armExpiry'] },
    'signIn.extended': {
      guard: ({ context }) => context.identity !== null,
      actions: ['extend', 'disarmExpiry', 'armWarning'],
    },
  },
  states: {
    authenticating: {
      description: 'The upgrade request waits: 101, or a refusal.',
      always: { guard: 'isLeaving', target: 'closed', actions: 'blameRestart' },
      invoke: {
        id: 'verify',
        src: 'verifySignIn',
        input: ({ context }) => context,
        onDone: {
          target: 'idle',
          actions: [assign({ identity: ({ event }) => event.output }), 'armWarning'],
        },
        onError: {
          target: 'closed',
          actions: assign({ fault: ({ event }) => faultIn(event.error) }),
        },
      },
    },
    idle: {
      description: 'Nothing runs in the conversation this socket watches.',
      always: { guard: 'isLeaving', target: 'closed', actions: 'blameRestart' },
      on: {
        ...TAKES_PROMPTS,
        'run.started': { target: 'streaming', actions: 'noteRun' },
        'watch.changed': [
          { guard: ({ event }) => event.runId !== null, target: 'streaming', actions: 'noteRun' },
          { actions: 'noteRun' },
        ],
      },
    },
    streaming: {
      description: 'A run is live in the conversation this socket watches.',
      on: {
        ...TAKES_PROMPTS,
        'run.started': { actions: 'noteRun' },
        'run.ended': { guard: 'namesRun', target: 'idle', actions: 'clearRun' },
        'watch.changed': [
          { guard: ({ event }) => event.runId === null, target: 'idle', actions: 'noteRun' },
          { actions: 'noteRun' },
        ],
      },
    },
    throttled: {
      description: 'A prompt is parked until its window opens. All else goes on.',
      always: {
        guard: and(['isLeaving', not('runIsLive')]),
        target: 'closed',
        actions: 'blameRestart',
      },
      after: { window: { guard: 'windowIsKnown', actions: 'askLimits' } },
      on: {
        'client.prompt': { actions: 'refuseBehindParked' },
        'client.unpark': [
          {
            guard: and(['namesParked', 'runIsLive']),
            target: 'streaming',
            actions: ['endCount', 'forgetParked'],
          },
          { guard: 'namesParked', target: 'idle', actions: ['endCount', 'forgetParked'] },
        ],
        'limits.granted': [
          {
            guard: and(['namesParked', 'runIsLive']),
            target: 'streaming',
            actions: ['endCount', 'clearParked', 'submit'],
          },
          { guard: 'namesParked', target: 'idle', actions: ['endCount', 'clearParked', 'submit'] },
          { guard: 'isCounted', actions: ['endCount', 'submit'] },
        ],
        'limits.refused': [
          {
            guard: 'namesParked',
            target: 'throttled',
            reenter: true,
            actions: ['endCount', 'park'],
          },
          { guard: 'isCounted', actions: ['endCount', 'refuse'] },
        ],
        'limits.failed': [
          {
            guard: and(['namesParked', 'runIsLive']),
            target: 'streaming',
            actions: ['endCount', 'clearParked'],
          },
          { guard: 'namesParked', target: 'idle', actions: ['endCount', 'clearParked'] },
          { actions: 'endCount' },
        ],
        'run.started': { actions: 'noteRun' },
        'run.ended': { guard: 'namesRun', actions: 'clearRun' },
        'watch.changed': { actions: 'noteRun' },
      },
    },
    closed: { type: 'final' },
  },
});

function msLeft({ identity, now }: SessionContext): number {
  return Math.max(0, (identity?.expiresAt ?? 0) - now());
}

function blameFor(event: SessionEvent): FaultCode | null {
  switch (event.type) {
    case 'client.fault':
      return event.fault;
    case 'signIn.revoked':
    case 'signIn.expired':
      return 'auth.expired';
    case 'server.stopping':
      return 'server.restarting';
    default:
      return null;
  }
}

function faultIn(error: unknown): FaultCode {
  return error instanceof FaultError ? error.code : 'store.unavailable';
}
