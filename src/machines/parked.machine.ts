/** One prompt that waits for a limit: it sends itself, once, when it may; or it is taken back. */
import { assign, fromPromise, not, setup } from 'xstate';
import type { Refused } from '../store/limits.ts';

/** A try that failed for another reason than a limit is made again after this long. */
const TROUBLE_MS = 30_000;

/** `refused`: by a limit. `hindered`: it fits, and could not be handed on. `gone`: with its conversation. */
export type Tried =
  | { how: 'sent' | 'gone' }
  | { how: 'refused'; refusal: Refused }
  | { how: 'hindered' };

export interface ParkedPorts {
  /** Takes what it needs and hands it on, or neither. */
  send(): Promise<Tried>;
  takeBack(): Promise<void>;
  /** It waits on, for this. */
  tell(refusal: Refused): void;
}

export interface ParkedInput {
  readonly ports: ParkedPorts;
  /** Null: it was parked by an earlier server, and may fit by now. */
  readonly refusal: Refused | null;
}

type Context = ParkedInput & {
  /** Limits eased while they were asked. */
  readonly again: boolean;
  /** It was taken back: whatever fails from then on, it is not sent. */
  readonly unwanted: boolean;
  readonly sent: boolean;
};

type ParkedEvent =
  /** The user has used less, or one of their runs has ended. */
  { type: 'limits.eased' } | { type: 'user.tookBack' };

export const parkedMachine = setup({
  types: {} as {
    context: Context;
    input: ParkedInput;
    events: ParkedEvent;
    output: { sent: boolean };
    children: { send: 'send'; takeBack: 'takeBack' };
  },
  actors: {
    send: fromPromise<Tried, ParkedPorts>(({ input }) => input.send()),
    takeBack: fromPromise<void, ParkedPorts>(({ input }) => input.takeBack()),
  },
  guards: {
    isNew: ({ context }) => context.refusal === null,
    isUnwanted: ({ context }) => context.unwanted,
    isAgain: ({ context }) => context.again,
    opens: ({ context }) => context.refusal?.retryAfterMs != null,
  },
  delays: {
    /** A millisecond more, so that a clock read in between does not refuse again. */
    window: ({ context }) => (context.refusal?.retryAfterMs ?? 0) + 1,
    trouble: TROUBLE_MS,
  },
  actions: {
    tell: ({ context }) => context.refusal && context.ports.tell(context.refusal),
    noteUnwanted: assign({ unwanted: true }),
  },
}).createMachine({
  id: 'parked',
  initial: 'waiting',
  context: ({ input }) => ({ ...input, again: false, unwanted: false, sent: false }),
  output: ({ context }) => ({ sent: context.sent }),
  states: {
    waiting: {
      description: 'Its window has not opened.',
      always: [
        { guard: 'isUnwanted', target: 'takingBack' },
        { guard: 'isNew', target: 'asking' },
        { guard: 'isAgain', target: 'asking' },
      ],
      after: { window: { guard: 'opens', target: 'asking' } },
      on: { 'limits.eased': 'asking', 'user.tookBack': 'takingBack' },
    },
    asking: {
      description: 'The limits are asked; if it fits, it is handed on.',
      entry: assign({ again: false }),
      on: {
        'limits.eased': { actions: assign({ again: true }) },
        'user.tookBack': { actions: 'noteUnwanted' },
      },
      invoke: {
        id: 'send',
        src: 'send',
        input: ({ context }) => context.ports,
        onDone: [
          {
            guard: ({ event }) => event.output.how === 'sent',
            target: 'sent',
            actions: assign({ sent: true }),
          },
          { guard: ({ event }) => event.output.how === 'gone', target: 'takenBack' },
          {
            guard: ({ event }) => event.output.how === 'refused',
            target: 'waiting',
            actions: [
              assign({
                refusal: ({ context, event }) =>
                  event.output.how === 'refused' ? event.output.refusal : context.refusal,
              }),
              'tell',
            ],
          },
          { guard: 'isUnwanted', target: 'takingBack' },
          { target: 'troubled' },
        ],
        onError: [{ guard: 'isUnwanted', target: 'takingBack' }, { target: 'troubled' }],
      },
    },
    troubled: {
      description: 'The store or the conversation would not take it, or the store not let it go.',
      after: { trouble: [{ guard: 'isUnwanted', target: 'takingBack' }, { target: 'asking' }] },
      on: {
        'limits.eased': { guard: not('isUnwanted'), target: 'asking' },
        'user.tookBack': 'takingBack',
      },
    },
    takingBack: {
      description: 'Its owner does not want it any more.',
      entry: 'noteUnwanted',
      invoke: {
        id: 'takeBack',
        src: 'takeBack',
        input: ({ context }) => context.ports,
        onDone: 'takenBack',
        onError: 'troubled',
      },
    },
    sent: { type: 'final' },
    takenBack: { type: 'final' },
  },
});
