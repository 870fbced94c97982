/** The machines that can be recorded and replayed: what each is given to go the same way again, and to touch nothing. */
import { createHash } from 'node:crypto';
import { type AnyStateMachine, fromCallback } from 'xstate';
import type { ClaudeInput } from '../../claude/facts.ts';
import type { claudeProcess } from '../../claude/process.ts';
import type { ConversationPorts } from '../conversation.events.ts';
import { conversationMachine } from '../conversation.machine.ts';
import type { Slot } from '../run-gate.ts';
import type { SessionPorts } from '../session.events.ts';
import { sessionMachine } from '../session.machine.ts';
import type { Tape } from './tape.ts';

export type RecordableKind = 'session' | 'conversation';

/** What a replay asks in place of the world. */
export interface Replayed {
  /** What the ports were asked next, they answered so. */
  readonly answer: () => unknown;
  /** Epoch ms, when the event at hand was taken. */
  readonly now: () => number;
}

const silent = () => {};

const CONVERSATION = conversationMachine.provide({
  actors: { claude: fromCallback(silent) as unknown as typeof claudeProcess },
});

const SESSION_PORTS: SessionPorts = {
  askLimits: silent,
  submit: silent,
  refuse: silent,
  tellParked: silent,
};

/** A class, as XState reads all own fields of a context it restores, and an answer can be given once. */
class ReplayedSlot implements Slot {
  readonly want = silent;
  readonly take = silent;
  readonly release = silent;
  readonly #answer: Replayed['answer'];

  constructor(answer: Replayed['answer']) {
    this.#answer = answer;
  }

  get isHeld(): boolean {
    return this.#answer() === true;
  }
}

function conversationPorts({ answer }: Replayed): ConversationPorts {
  return {
    claude: {} as ClaudeInput,
    slot: new ReplayedSlot(answer),
    startRun: silent,
    endRun: silent,
    withdrawPrompt: silent,
    denyWith: silent,
    listen: silent,
    pendingChanged: silent,
    spend: silent,
    newRunId: () => String(answer()),
    now: () => Number(answer()),
    roomIsWanted: () => answer() === true,
  };
}

/** The same ports; what they answer is kept, so that a replay can answer the same. */
export function taped(ports: ConversationPorts, tape: () => Tape): ConversationPorts {
  const { slot } = ports;
  return {
    ...ports,
    slot: {
      want: () => slot.want(),
      take: () => slot.take(),
      release: () => slot.release(),
      get isHeld() {
        return tape().note(slot.isHeld);
      },
    },
    newRunId: () => tape().note(ports.newRunId()),
    now: () => tape().note(ports.now()),
    roomIsWanted: () => tape().note(ports.roomIsWanted()),
  };
}

export const RECORDABLE = {
  session: {
    machine: sessionMachine,
    children: {},
    context: ({ now }: Replayed) => ({ ports: SESSION_PORTS, now }),
  },
  conversation: {
    machine: CONVERSATION,
    children: { claude: 'claude' },
    context: (replayed: Replayed) => ({ ports: conversationPorts(replayed) }),
  },
} as const;

/** Names a machine by its definition: one that was changed has another. 12 hex digits. */
export function machineVersion({ definition }: Pick<AnyStateMachine, 'definition'>): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12);
}
