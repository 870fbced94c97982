/** What conversations are set to, which may be before a word was said in them. */
import type { Choice } from '../../transport/protocol.ts';
import type { ConversationKey } from '../store.ts';
import type { Conversations } from './conversations.ts';
import type { Sql } from './sql.ts';

export class ChoiceTable {
  readonly #sql: Sql;
  readonly #conversations: Conversations;

  constructor(sql: Sql, conversations: Conversations) {
    this.#sql = sql;
    this.#conversations = conversations;
  }

  choice(key: ConversationKey): Choice {
    const row = this.#sql.get(
      'SELECT model, effort, repository FROM conversations WHERE key = ?',
      key,
    );
    const textOf = (column: keyof Choice) => (row?.[column] == null ? null : String(row[column]));
    return { model: textOf('model'), effort: textOf('effort'), repository: textOf('repository') };
  }

  /** False: the conversation has begun, and on another repository. */
  choose(key: ConversationKey, choice: Choice, newSessionId: string): boolean {
    const { id, prompted } = this.#conversations.open(key, newSessionId);
    if (prompted && this.choice(key).repository !== choice.repository) return false;
    this.#sql.run(
      'UPDATE conversations SET model = ?, effort = ?, repository = ? WHERE id = ?',
      ...[choice.model, choice.effort, choice.repository, id],
    );
    return true;
  }
}
