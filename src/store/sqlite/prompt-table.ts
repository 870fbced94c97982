/** Prompts between their acceptance and their start: kept before anything acts on them, or taken back whole. */
import { type Accepted, type ConversationKey, type RunCommand, userOf } from '../store.ts';
import { titleOf } from '../titles.ts';
import type { Conversations } from './conversations.ts';
import type { RunTable } from './run-table.ts';
import type { Sql } from './sql.ts';
import type { UploadTable } from './upload-table.ts';

export interface PromptTableParts {
  readonly sql: Sql;
  readonly conversations: Conversations;
  readonly runs: RunTable;
  readonly uploads: UploadTable;
  readonly now: () => number;
}

export class PromptTable {
  readonly #sql: Sql;
  readonly #conversations: Conversations;
  readonly #runs: RunTable;
  readonly #uploads: UploadTable;
  readonly #now: () => number;

  constructor({ sql, conversations, runs, uploads, now }: PromptTableParts) {
    this.#sql = sql;
    this.#conversations = conversations;
    this.#runs = runs;
    this.#uploads = uploads;
    this.#now = now;
  }

  accept(key: ConversationKey, command: RunCommand, newSessionId: string): Accepted {
    const user = userOf(key);
    const { runId, text, images = [] } = command;
    const known = this.#runs.run(user, runId);
    if (known)
      return known.key === key && known.digest === command.digest ? 'duplicate' : 'conflict';
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
      this.#runs.insert(user, conversation.id, command);
      this.#uploads.name(user, runId, conversation.id, images);
    });
    conversation.prompted = true;
    return 'accepted';
  }

  /** A prompt that never started; a conversation that has nothing else was never begun. */
  withdraw(key: ConversationKey, runId: string): void {
    const conversation = this.#conversations.get(key);
    if (!conversation) return;
    this.#sql.transaction(() => {
      if (this.#runs.withdraw(key, runId))
        this.#uploads.withdraw(userOf(key), runId, conversation.id);
    });
    if (conversation.head !== null || conversation.fork !== null) return;
    if (this.#runs.anyOf(conversation.id)) return;
    this.#sql.run(
      'UPDATE conversations SET prompted = 0, title = NULL, title_by = NULL WHERE id = ?',
      conversation.id,
    );
    conversation.prompted = false;
  }
}
