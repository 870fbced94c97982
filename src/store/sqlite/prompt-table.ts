/** Prompts between their acceptance and their start: kept before anything acts on them, or taken back whole. */
import { type Accepted, type ConversationKey, type RunCommand, userOf } from '../store.ts';
import { titleOf } from '../titles.ts';
import type { ChargeTable } from './charge-table.ts';
import type { Conversations } from './conversations.ts';
import type { RunTable } from './run-table.ts';
import type { Sql } from './sql.ts';
import type { UploadTable } from './upload-table.ts';

export interface PromptTableParts {
  readonly sql: Sql;
  readonly conversations: Conversations;
  readonly runs: RunTable;
  readonly uploads: UploadTable;
  readonly charges: ChargeTable;
  readonly now: () => number;
}

export class PromptTable {
  readonly #sql: Sql;
  readonly #conversations: Conversations;
  readonly #runs: RunTable;
  readonly #uploads: UploadTable;
  readonly #charges: ChargeTable;
  readonly #now: () => number;

  constructor({ sql, conversations, runs, uploads, charges, now }: PromptTableParts) {
    this.#sql = sql;
    this.#conversations = conversations;
    this.#runs = runs;
    this.#uploads = uploads;
    this.#charges = charges;
    this.#now = now;
  }

  /** @param parked It waits for a limit: it is kept, and accepted later. */
  accept(
    key: ConversationKey,
    command: RunCommand,
    parked: boolean,
    newSessionId: string,
  ): Accepted {
    const user = userOf(key);
    const { runId, text, images = [] } = command;
    const known = this.#runs.run(user, runId);
    if (known && (known.key !== key || known.digest !== command.digest)) return 'conflict';
    if (known && parked && this.#parkAgain(user, runId)) return 'accepted';
    if (known) return 'duplicate';
    const refusal = this.#uploads.refusal(user, images);
    if (refusal !== null) return refusal;
    const conversation = this.#conversations.open(key, newSessionId);
    this.#sql.durably(() => {
      // One that its user just deleted, and then wrote in, is wanted after all.
      this.#sql.run(
        `UPDATE conversations SET prompted = 1, deleted_at = NULL, updated_at = ?,
           title = coalesce(title, ?), title_by = coalesce(title_by, 'prompt') WHERE id = ?`,
        ...[this.#now(), titleOf(text, images.length), conversation.id],
      );
      this.#runs.insert(user, conversation.id, command, parked);
      this.#uploads.name(user, runId, conversation.id, images);
    });
    conversation.prompted = true;
    return 'accepted';
  }

  #parkAgain(user: string, runId: string): boolean {
    return this.#sql.durably(() => {
      const isParked = this.#runs.park(user, runId);
      if (isParked) this.#charges.giveBack(user, runId);
      return isParked;
    });
  }

  /** A parked prompt is accepted after all. False: it was taken back meanwhile. */
  unpark(user: string, runId: string): boolean {
    return this.#sql.durably(() => this.#runs.unpark(user, runId));
  }

  /** A prompt that never started, or was parked; a conversation that has nothing else was never begun. */
  withdraw(key: ConversationKey, runId: string): boolean {
    const conversation = this.#conversations.get(key);
    if (!conversation) return false;
    const withdrawn = this.#sql.transaction(() => {
      if (!this.#runs.withdraw(key, runId)) return false;
      this.#uploads.withdraw(userOf(key), runId, conversation.id);
      this.#charges.giveBack(userOf(key), runId);
      return true;
    });
    if (conversation.head !== null || conversation.fork !== null) return withdrawn;
    if (this.#runs.anyOf(conversation.id)) return withdrawn;
    this.#sql.run(
      'UPDATE conversations SET prompted = 0, title = NULL, title_by = NULL WHERE id = ?',
      conversation.id,
    );
    conversation.prompted = false;
    return withdrawn;
  }
}
