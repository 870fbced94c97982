/** The conversations as those see them who bring prompts and look on: reached wherever they run. */
import type { FaultCode } from '../faults.ts';
import type { LiveState } from '../store/cluster.ts';
import type { Refused } from '../store/limits.ts';
import type { ConversationKey, RunCommand } from '../store/store.ts';
import type { Choice, PendingItem } from '../transport/protocol.ts';
import type { Decision } from './approvals.ts';
import type { Prompt } from './prompts.ts';

export interface Conversations {
  /** What goes on in one, as far as this server knows: of one that another runs, since it was last looked at. */
  find(key: ConversationKey): LiveState | undefined;
  /** Learns what goes on in those that other servers run. */
  look(keys: readonly ConversationKey[]): Promise<void>;
  /** Takes what its next prompt needs of the store, so that one that cannot run is not accepted. */
  open(key: ConversationKey): Promise<void>;
  /** Hands an accepted prompt to its conversation. Null, or why it was not taken. */
  prompt(key: ConversationKey, prompt: Prompt): Promise<FaultCode | null>;
  /** Hands answers to approvals to their conversation. Null, or why they were not taken. */
  answer(
    key: ConversationKey,
    runId: string,
    decisions: readonly Decision[],
  ): Promise<FaultCode | null>;
  abort(key: ConversationKey, runId: string): Promise<void>;
  /**
   * Puts a prompt that waits before the others, and stops what runs for it; one that does not wait is left as it
   * is. Null, or why not.
   */
  sendNow(key: ConversationKey, runId: string): Promise<FaultCode | null>;
  /** Starts the process ahead of need, if there is room without ending another's. */
  warm(key: ConversationKey): Promise<void>;
  /** From its next turn on the conversation is set so. @throws {FaultError} What `Choices.choose` does. */
  choose(key: ConversationKey, change: Partial<Choice>): Promise<void>;
  /** Ends a conversation that is no longer wanted, what it is doing, and what waits in it. */
  dismiss(key: ConversationKey): Promise<void>;
  /** Ends all of a user's that is alive; resolves when its processes have gone, or after `withinMs`. */
  endAll(user: string, withinMs: number): Promise<void>;
  /** Whether new prompts are refused. Answers and aborts go on. */
  readonly isDraining: boolean;
}

/** A prompt that waits for a limit. */
export interface ParkedPrompt {
  readonly command: RunCommand;
  /** Why; null where that is not known. */
  readonly refusal: Refused | null;
}

/** The prompts that wait for a limit, wherever they were parked. */
export interface ParkedPrompts {
  get(user: string, runId: string): ParkedPrompt | undefined;
  /** The one that is parked in a conversation, as far as this server knows. */
  in(key: ConversationKey): ParkedPrompt | undefined;
  /** Learns of one that is another server's. */
  look(key: ConversationKey): Promise<void>;
  pendingIn(key: ConversationKey): PendingItem[];
  /**
   * Keeps a prompt that a limit refused, until it fits. False: it cannot be kept, as its limit never opens, another
   * waits in its conversation, or too many of its user do.
   */
  park(key: ConversationKey, command: RunCommand, refusal: Refused): Promise<boolean>;
  /** Resolves when it is: false, as there was none, or it was sent just now. */
  takeBack(user: string, runId: string): Promise<boolean>;
}
