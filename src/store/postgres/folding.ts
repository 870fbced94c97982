/** A stretch of a conversation's journal, as messages: kept when its turns have ended. */

import type { AguiEvent } from '../../transport/protocol.ts';
import { type FoldedMessage, MessageFold } from '../fold.ts';
import { type ConversationKey, userOf } from '../store.ts';
import { type Conversation, find } from './conversations.ts';
import type { Database, Sql } from './database.ts';
import { insertMessages } from './message-rows.ts';
import { rowsOf } from './rows.ts';
import { acceptedAt } from './runs.ts';

/** Rows that are read at once: others are served between, while a long turn is folded. */
const ROWS_AT_ONCE = 1_000;

/** What is not among the messages yet, up to the row `to`. */
export async function foldJournal(
  sql: Sql,
  conversation: Conversation,
  to: number,
  now: () => number,
): Promise<FoldedMessage[]> {
  const { key, foldedTo } = conversation;
  const accepted = new Map<string, number>();
  const fold = new MessageFold((runId) => accepted.get(runId) ?? now());
  for (let after = foldedTo; after < to; after += ROWS_AT_ONCE) {
    const rows = await rowsOf(sql, conversation, after, Math.min(ROWS_AT_ONCE, to - after));
    const fresh = [...new Set(rows.map(({ runId }) => runId))].filter((run) => !accepted.has(run));
    if (fresh.length > 0)
      for (const [runId, at] of await acceptedAt(sql, userOf(key), fresh)) accepted.set(runId, at);
    for (const row of rows) fold.add(JSON.parse(row.chunk) as AguiEvent, row);
  }
  return fold.messages;
}

export class Folding {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /**
   * Writes the turns of one conversation that ended since the last time. It holds the run that ended the last of
   * them, which nobody needs any more, and not the conversation: an append would wait for that, and others with it.
   * False: no turn ended that another node does not fold right now.
   */
  next(of?: { user: string } | { key: ConversationKey }): Promise<boolean> {
    const [mine, value] = !of
      ? ['$1::text IS NULL', null]
      : 'key' in of
        ? ['c.key = $1', of.key]
        : ['c.user_name = $1', of.user];
    return this.#db.transaction(async (sql) => {
      const due = await sql.get<{ key: ConversationKey }>(
        `SELECT c.key FROM conversations c JOIN runs r ON r.conversation = c.id AND r.turn_end = c.turn_ended
         WHERE c.turn_ended > c.folded_to AND ${mine} ORDER BY c.id LIMIT 1
         FOR UPDATE OF r ${of ? '' : 'SKIP LOCKED'}`,
        value,
      );
      if (!due) return false;
      const conversation = await find(sql, due.key);
      if (conversation) await this.#keep(sql, conversation);
      return true;
    });
  }

  async #keep(sql: Sql, conversation: Conversation): Promise<void> {
    const { id, key, foldedTo, turnEnded } = conversation;
    const folded = await foldJournal(sql, conversation, turnEnded, this.#now);
    const isDue = await sql.run(
      'UPDATE conversations SET folded_to = $1 WHERE id = $2 AND folded_to = $3 AND turn_ended >= $1',
      ...[turnEnded, id, foldedTo],
    );
    if (isDue > 0) await insertMessages(sql, userOf(key), id, folded);
  }
}
