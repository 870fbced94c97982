import { assign, fromPromise, setup } from 'xstate';

/** How long a client is to stay away after this server has begun to refuse: it may hear of it a little late. */
const MARGIN_MS = 250;

/** What a drain needs done. */
export interface DrainPorts {
  /** Says that this server goes, to whoever asks and to every socket. Times are from now. */
  announce(times: { reconnectAfterMs: number; deadlineMs: number }): void;
  /** Lets nothing new in, and closes the sockets on which nothing runs. */
  refuse(): void;
  /** Begins no turn any more; resolves when the last one at work has ended. */
  finishTurns(): Promise<void>;
  /** Ends all that is left, bounded in itself; resolves to how many conversations were cut off. */
  stop(): Promise<number>;
}

export interface DrainInput {
  readonly ports: DrainPorts;
  /** 0: nobody needs to hear of it first. */
  readonly leadMs: number;
  readonly turnMs: number;
}

interface DrainContext extends DrainInput {
  readonly cutOff: number;
}

export const drainMachine = setup({
  types: {} as {
    context: DrainContext;
    events: { type: 'server.stop' };
    input: DrainInput;
    output: number;
  },
  actors: {
    turns: fromPromise<void, DrainPorts>(({ input }) => input.finishTurns()),
    stop: fromPromise<number, DrainPorts>(({ input }) => input.stop()),
  },
  guards: { hasNoLead: ({ context }) => context.leadMs === 0 },
  delays: {
    lead: ({ context }) => context.leadMs,
    turnLimit: ({ context }) => context.turnMs,
  },
  actions: {
    announce: ({ context: { ports, leadMs, turnMs } }) =>
      ports.announce({ reconnectAfterMs: leadMs + MARGIN_MS, deadlineMs: leadMs + turnMs }),
    refuse: ({ context }) => context.ports.refuse(),
  },
}).createMachine({
  id: 'drain',
  initial: 'serving',
  context: ({ input }) => ({ ...input, cutOff: 0 }),
  output: ({ context }) => context.cutOff,
  states: {
    serving: { description: 'Nobody has told it to go.', on: { 'server.stop': 'announcing' } },
    announcing: {
      description: 'Not ready any more, and still open: an edge has time to send people elsewhere.',
      entry: 'announce',
      always: { guard: 'hasNoLead', target: 'finishing' },
      after: { lead: 'finishing' },
    },
    finishing: {
      description: 'Closed to what is new. Turns at work may end.',
      entry: 'refuse',
      invoke: {
        src: 'turns',
        input: ({ context }) => context.ports,
        onDone: 'stopping',
        onError: 'stopping',
      },
      after: { turnLimit: 'stopping' },
    },
    stopping: {
      description: 'What is left is cut off.',
      invoke: {
        src: 'stop',
        input: ({ context }) => context.ports,
        onDone: { target: 'stopped', actions: assign({ cutOff: ({ event }) => event.output }) },
      },
    },
    stopped: { type: 'final' },
  },
});
