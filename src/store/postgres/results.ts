/** Whole texts of tools' results, and how full the context is: what a conversation has beside its messages. */
import type { ContextFill } from '../../transport/protocol.ts';
import type { ConversationKey, ToolResultText } from '../store.ts';
import { asJson, type Database, fromJson, type Sql } from './database.ts';

export class Results {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async result(key: ConversationKey, toolCallId: string): Promise<string | null> {
    const row = await this.#db.get(
      `SELECT text_json FROM results WHERE tool_call_id = $1
         AND conversation = (SELECT id FROM conversations WHERE key = $2)`,
      ...[toolCallId, key],
    );
    return row ? fromJson(row.text_json) : null;
  }

  async setContext(key: ConversationKey, { usedTokens, maxTokens }: ContextFill): Promise<void> {
    await this.#db.run(
      'UPDATE conversations SET context_used = $1, context_max = $2 WHERE key = $3',
      ...[usedTokens, maxTokens, key],
    );
  }

  async context(key: ConversationKey): Promise<ContextFill | null> {
    const row = await this.#db.get(
      `SELECT context_used, context_max FROM conversations
       WHERE key = $1 AND context_used IS NOT NULL AND deleted_at IS NULL`,
      key,
    );
    return row
      ? { usedTokens: Number(row.context_used), maxTokens: Number(row.context_max) }
      : null;
  }
}

export async function insertResult(
  sql: Sql,
  conversation: number,
  { toolCallId, text }: ToolResultText,
): Promise<void> {
  await sql.run(
    `INSERT INTO results (conversation, tool_call_id, text_json) VALUES ($1, $2, $3)
     ON CONFLICT (conversation, tool_call_id) DO UPDATE SET text_json = excluded.text_json`,
    ...[conversation, toolCallId, asJson(text)],
  );
}

/**
 * A fork shows the whole of what it brought along, too. The ids are found as text: PostgreSQL's JSON functions
 * refuse a message that has a NUL in it, wherever that is.
 */
export async function inheritResults(sql: Sql, from: number, to: number): Promise<void> {
  await sql.run(
    `INSERT INTO results (conversation, tool_call_id, text_json)
     SELECT $1, tool_call_id, text_json FROM results WHERE conversation = $2 AND tool_call_id IN
       (SELECT substring(message FROM '"toolCallId":"([^"]*)"') FROM messages WHERE conversation = $1)
     ON CONFLICT DO NOTHING`,
    ...[to, from],
  );
}

export async function forgetResults(sql: Sql, conversation: number): Promise<void> {
  await sql.run('DELETE FROM results WHERE conversation = $1', conversation);
  await sql.run(
    'UPDATE conversations SET context_used = NULL, context_max = NULL WHERE id = $1',
    conversation,
  );
}
