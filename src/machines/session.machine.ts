import { and, assign, enqueueActions, not, setup } from 'xstate';
import type { FaultCode } from '../faults.ts';
import type { Identity, SessionContext, SessionEvent, SessionInput } from './session.events.ts';

/** How long before a sign-in ends its pages are warned: time enough to finish a sentence and use it. */
export const EXPIRING_MS = 120_000;

/** What the limits answer about prompts, in every state of a client that has come in. */
const HEARS_LIMITS = {
  'limits.granted': { guard: 'isCounted', actions: ['endCount', 'submit'] },
  'limits.refused': { guard: 'isCounted', actions: ['endCount', 'refuse'] },
  'limits.parked': { actions: 'endCount' },
  'limits.failed': { actions: 'endCount' },
} as const;

const FOLLOWS_WATCH = {
  'watch.changed': [
    { guard: 'someParked', target: 'throttled', actions: ['noteRun', 'noteWatched'] },
    { guard: 'someRunning', target: 'streaming', actions: ['noteRun', 'noteWatched'] },
    { target: 'idle', actions: ['noteRun', 'noteWatched'] },
  ],
} as const;

export const sessionMachine = setup({
  types: {} as {
    context: SessionContext;
    events: SessionEvent;
    input: SessionInput;
    output: { fault: FaultCode | null };
  },
  guards: {
    runIsLive: ({ context }) => context.run !== null,
    isLeaving: ({ context }) => context.leaving,
    namesRun: ({ context, event }) => 'runId' in event && event.runId === context.run,
    namesParked: ({ context, event }) => 'runId' in event && event.runId === context.parked?.runId,
    isCounted: ({ context, event }) =>
      'runId' in event && context.counting.includes(String(event.runId)),
    isBehindParked: ({ context: { parked }, event }) =>
      event.type === 'client.prompt' && event.isElsewhere !== true && parked?.refusal != null,
    someParked: ({ event }) => event.type === 'watch.changed' && event.parked !== null,
    someRunning: ({ event }) => event.type === 'watch.changed' && event.runId !== null,
  },
  actions: {
    askLimits: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'client.prompt') return;
      const { runId } = event;
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
      if (event.type === 'limits.refused') context.ports.refuse(event.runId, event.refusal);
    },
    refuseBehindParked: ({ context: { ports, parked }, event }) => {
      if (event.type === 'client.prompt' && parked?.refusal)
        ports.refuse(event.runId, parked.refusal);
    },
    noteParked: enqueueActions(({ enqueue, event }) => {
      if (event.type !== 'prompt.parked') return;
      const { runId, refusal } = event;
      enqueue.assign({ parked: { runId, refusal } });
      enqueue(({ context: { ports } }) => ports.tellParked(runId, refusal));
    }),
    noteWatched: assign({
      parked: ({ context, event }) =>
        event.type === 'watch.changed' ? event.parked : context.parked,
    }),
    clearParked: assign({ parked: null }),
    noteRun: assign({
      run: ({ context, event }) => ('runId' in event ? event.runId : context.run),
    }),
    clearRun: assign({ run: null }),
    letIn: assign(({ context, event }) =>
      event.type === 'signIn.verified' ? identified(event.identity, context) : {},
    ),
    extend: assign(({ context, event }) =>
      event.type === 'signIn.extended' && context.identity
        ? identified({ ...context.identity, expiresAt: event.expiresAt }, context)
        : {},
    ),
    noteExpiring: assign({ expiring: ({ context }) => context.identity?.expiresAt ?? null }),
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
    'signIn.expiring': { actions: 'noteExpiring' },
    'signIn.extended': {
      guard: ({ context }) => context.identity !== null,
      actions: 'extend',
    },
  },
  states: {
    authenticating: {
      description: 'The upgrade request waits: 101, or a refusal.',
      always: { guard: 'isLeaving', target: 'closed', actions: 'blameRestart' },
      on: {
        'signIn.verified': { target: 'idle', actions: 'letIn' },
        'signIn.refused': { target: 'closed', actions: 'blame' },
      },
    },
    idle: {
      description: 'Nothing runs in the conversation this socket watches.',
      always: { guard: 'isLeaving', target: 'closed', actions: 'blameRestart' },
      on: {
        ...HEARS_LIMITS,
        ...FOLLOWS_WATCH,
        'client.prompt': { actions: 'askLimits' },
        'prompt.parked': { target: 'throttled', actions: 'noteParked' },
        'run.started': { target: 'streaming', actions: 'noteRun' },
      },
    },
    streaming: {
      description: 'A run is live in the conversation this socket watches.',
      on: {
        ...HEARS_LIMITS,
        ...FOLLOWS_WATCH,
        'client.prompt': { actions: 'askLimits' },
        'prompt.parked': { target: 'throttled', actions: 'noteParked' },
        'run.started': { actions: 'noteRun' },
        'run.ended': { guard: 'namesRun', target: 'idle', actions: 'clearRun' },
      },
    },
    throttled: {
      description:
        'In the conversation this socket watches a prompt waits for a limit. All but prompts goes on.',
      always: {
        guard: and(['isLeaving', not('runIsLive')]),
        target: 'closed',
        actions: 'blameRestart',
      },
      on: {
        ...HEARS_LIMITS,
        ...FOLLOWS_WATCH,
        'client.prompt': [
          { guard: 'isBehindParked', actions: 'refuseBehindParked' },
          { actions: 'askLimits' },
        ],
        'prompt.parked': { actions: 'noteParked' },
        'prompt.unparked': [
          { guard: and(['namesParked', 'runIsLive']), target: 'streaming', actions: 'clearParked' },
          { guard: 'namesParked', target: 'idle', actions: 'clearParked' },
        ],
        'run.started': { actions: 'noteRun' },
        'run.ended': { guard: 'namesRun', actions: 'clearRun' },
      },
    },
    closed: { type: 'final' },
  },
});

/** What is kept of who it is, and of the end where it is near already. */
function identified(
  identity: Identity,
  { now }: SessionContext,
): Pick<SessionContext, 'identity' | 'expiring'> {
  const { expiresAt } = identity;
  return { identity, expiring: expiresAt - now() <= EXPIRING_MS ? expiresAt : null };
}

function blameFor(event: SessionEvent): FaultCode | null {
  switch (event.type) {
    case 'client.fault':
    case 'signIn.refused':
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
