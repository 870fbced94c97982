/**
 * Prompts between their arrival and their acceptance, of all sockets together: a second tab that sends the
 * same one finds it here. A draft lives as long as the socket it came on.
 */
import { type ConversationKey, type RunCommand, userOf } from '../store/store.ts';
import type { PromptTrace } from '../telemetry/traces.ts';
import { InTurn } from './in-turn.ts';

export interface Draft {
  readonly key: ConversationKey;
  readonly command: RunCommand;
  /** The desk of the socket it came on. */
  readonly owner: object;
  /** Ends with it. */
  readonly trace: PromptTrace;
  /** It goes before what runs and waits, once it is accepted. */
  hurried: boolean;
  /** It was aborted while it was being taken: it is as soon as it is. */
  aborted: boolean;
}

export class Drafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #turns = new InTurn<ConversationKey>();

  get(user: string, runId: string): Draft | undefined {
    return this.#drafts.get(`${user}/${runId}`);
  }

  /** Prompts of a conversation are asked for and accepted in the order they came: so they run, whatever the store is. */
  async inTurn(user: string, runId: string, work: () => Promise<void>): Promise<void> {
    const draft = this.get(user, runId);
    if (draft) await this.#turns.do(draft.key, work);
  }

  add(key: ConversationKey, command: RunCommand, owner: object, trace: PromptTrace): void {
    const draft = { key, command, owner, trace, hurried: false, aborted: false };
    this.#drafts.set(`${userOf(key)}/${command.runId}`, draft);
  }

  remove(draft: Draft): void {
    const name = `${userOf(draft.key)}/${draft.command.runId}`;
    if (this.#drafts.get(name) !== draft) return;
    this.#drafts.delete(name);
    draft.trace.end();
  }

  removeOf(owner: object): void {
    for (const draft of [...this.#drafts.values()]) if (draft.owner === owner) this.remove(draft);
  }
}
