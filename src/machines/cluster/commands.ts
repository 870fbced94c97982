/** What one server asks of the one that runs a conversation, and what that one does. */
import { type FaultCode, FaultError } from '../../faults.ts';
import {
  type Cluster,
  type CommandBody,
  type CommandReply,
  HeldElsewhere,
} from '../../store/cluster.ts';
import type { ConversationKey, Store } from '../../store/store.ts';
import type { Choice } from '../../transport/protocol.ts';
import type { Decision } from '../approvals.ts';
import type { Parking } from '../parking.ts';
import type { Supervisor } from '../supervisor.ts';
import { abortHere } from './abort.ts';
import { promptHere } from './prompt.ts';

export type Command =
  /** A prompt that is accepted, and is read from the store. */
  | { kind: 'prompt'; key: ConversationKey; runId: string }
  | { kind: 'answer'; key: ConversationKey; runId: string; decisions: readonly Decision[] }
  | { kind: 'abort' | 'sendNow'; key: ConversationKey; runId: string }
  | { kind: 'choose'; key: ConversationKey; change: Partial<Choice> }
  | { kind: 'dismiss'; key: ConversationKey }
  /** A parked prompt is taken back. */
  | { kind: 'unpark'; user: string; runId: string }
  | { kind: 'endAll'; user: string; withinMs: number };

/** `moved`: the conversation is not this server's any more, or soon will not be. */
export type Reply =
  | { fault: FaultCode | null; detail?: string }
  | { moved: true }
  | { done: boolean };

export interface CommandParts {
  readonly cluster: Pick<Cluster, 'claim'>;
  readonly store: Pick<Store, 'run' | 'withdraw'>;
  readonly supervisor: Supervisor;
  readonly parking: Pick<Parking, 'takeBack'>;
  /** What a conversation's watchers are to hear. */
  readonly tellWithdrawn: (key: ConversationKey, runId: string) => void;
}

/** Answers what other servers send. */
export function answerCommands(parts: CommandParts) {
  return async (body: CommandBody): Promise<CommandReply> => {
    const command = body as unknown as Command; // written by a server of this cluster
    const { supervisor, parking } = parts;
    switch (command.kind) {
      case 'prompt':
        return takePrompt(command, parts);
      case 'answer': {
        const { key, runId, decisions } = command;
        return { fault: await supervisor.answer(key, runId, decisions) };
      }
      case 'abort':
        await abortHere(command.key, command.runId, parts);
        return { fault: null };
      case 'sendNow':
        return { fault: await supervisor.sendNow(command.key, command.runId) };
      case 'choose':
        return choose(command, supervisor);
      case 'dismiss':
        await supervisor.dismiss(command.key);
        return { fault: null };
      case 'unpark':
        return { done: await parking.takeBack(command.user, command.runId) };
      case 'endAll':
        await supervisor.endAll(command.user, command.withinMs);
        return { fault: null };
    }
  };
}

async function takePrompt(
  { key, runId }: Extract<Command, { kind: 'prompt' }>,
  parts: CommandParts,
): Promise<Reply> {
  try {
    const claim = () => parts.cluster.claim(key, runId);
    const fault = await promptHere(key, runId, parts, claim);
    return fault === 'server.restarting' ? { moved: true } : { fault };
  } catch (error) {
    if (error instanceof HeldElsewhere) return { moved: true };
    throw error;
  }
}

async function choose(
  { key, change }: Extract<Command, { kind: 'choose' }>,
  supervisor: Supervisor,
): Promise<Reply> {
  try {
    await supervisor.choose(key, change);
    return { fault: null };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { fault: error.code, ...(error.detail !== undefined && { detail: error.detail }) };
  }
}
