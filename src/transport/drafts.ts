/**
 * Prompts between their arrival and their acceptance, of all sockets together: a second tab that sends the
 * same one finds it here. A draft lives as long as the session it came in.
 */
import { type ConversationKey, type RunCommand, userOf } from '../store/store.ts';
import type { PromptTrace } from '../telemetry/traces.ts';
import { InTurn } from './in-turn.ts';

export interface Draft {
  readonly key: ConversationKey;
  readonly command: RunCommand;
  /** The desk of the socket it came on; null: it is being accepted, whatever becomes of that. */
  owner: object | null;
  /** Ends with it. */
  readonly trace: PromptTrace;
  /** It goes before what runs and waits, once it is accepted. */
  hurried: boolean;
  /** It was aborted while it was being taken: it is as soon as it is. */
  aborted: boolean;
  /** Resolves when it is none any more: whether its prompt was kept. */
  readonly ended: PromiseWithResolvers<boolean>;
}

type DraftBy = Pick<Draft, 'owner' | 'trace'>;

export class Drafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #turns = new InTurn<ConversationKey>();

  get(user: string, runId: string): Draft | undefined {
    return this.#drafts.get(`${user}/${runId}`);
  }

  /** Whether it is still one; its run id may be another's by now. */
  has(draft: Draft): boolean {
    return this.get(userOf(draft.key), draft.command.runId) === draft;
  }

  /** Prompts of a conversation are asked for and accepted in the order they came: so they run, whatever the store is. */
  inTurn(draft: Draft, work: () => Promise<void>): Promise<void> {
    return this.#turns.do(draft.key, work);
  }

  /** @param before Whom it comes after, on another socket: what was wanted of that one is wanted of this. */
  add(key: ConversationKey, command: RunCommand, by: DraftBy, before?: Draft): void {
    const { hurried = false, aborted = false } = before ?? {};
    const ended = Promise.withResolvers<boolean>();
    const draft = { key, command, ...by, hurried, aborted, ended };
    this.#drafts.set(`${userOf(key)}/${command.runId}`, draft);
  }

  remove(draft: Draft, wasKept = false): void {
    if (!this.has(draft)) return;
    this.#drafts.delete(`${userOf(draft.key)}/${draft.command.runId}`);
    draft.trace.end();
    draft.ended.resolve(wasKept);
  }

  removeOf(owner: object): void {
    for (const draft of [...this.#drafts.values()]) if (draft.owner === owner) this.remove(draft);
  }
}
