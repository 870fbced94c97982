/** Whole texts of tools' results, and how full the context is: what a conversation has beside its messages. */
import type { ContextFill } from '../../transport/protocol.ts';
import type { ConversationKey, ToolResultText } from '../store.ts';
import type { Conversations } from './conversations.ts';
import type { Sql } from './sql.ts';

export class ResultTable {
  readonly #sql: Sql;
  readonly #conversations: Conversations;

  constructor(sql: Sql, conversations: Conversations) {
    this.#sql = sql;
    this.#conversations = conversations;
  }

  insert(conversation: number, { toolCallId, text }: ToolResultText): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO results (conversation, tool_call_id, text) VALUES (?, ?, ?)',
      ...[conversation, toolCallId, text],
    );
  }

  /** A fork shows the whole of what it brought along, too. */
  inherit(from: number, to: number): void {
    this.#sql.run(
      `INSERT OR IGNORE INTO results (conversation, tool_call_id, text)
       SELECT ?1, tool_call_id, text FROM results WHERE conversation = ?2 AND tool_call_id IN
         (SELECT message ->> '$.toolCallId' FROM messages WHERE conversation = ?1)`,
      ...[to, from],
    );
  }

  result(key: ConversationKey, toolCallId: string): string | null {
    const id = this.#conversations.get(key)?.id;
    if (id === undefined) return null;
    const row = this.#sql.get(
      'SELECT text FROM results WHERE conversation = ? AND tool_call_id = ?',
      ...[id, toolCallId],
    );
    return row ? String(row.text) : null;
  }

  setContext(key: ConversationKey, { usedTokens, maxTokens }: ContextFill): void {
    this.#sql.run(
      'UPDATE conversations SET context_used = ?, context_max = ? WHERE key = ?',
      ...[usedTokens, maxTokens, key],
    );
  }

  context(key: ConversationKey): ContextFill | null {
    const row = this.#sql.get(
      `SELECT context_used, context_max FROM conversations
       WHERE key = ? AND context_used IS NOT NULL AND deleted_at IS NULL`,
      key,
    );
    return row
      ? { usedTokens: Number(row.context_used), maxTokens: Number(row.context_max) }
      : null;
  }

  forgetAll(conversation: number): void {
    this.#sql.run('DELETE FROM results WHERE conversation = ?', conversation);
    this.#sql.run(
      'UPDATE conversations SET context_used = NULL, context_max = NULL WHERE id = ?',
      conversation,
    );
  }
}
