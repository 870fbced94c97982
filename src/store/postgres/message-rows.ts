/** The messages that are kept, as rows: put there whole, read backwards, brought along by forks. */
import type { Message } from '../../transport/protocol.ts';
import type { FoldedMessage } from '../fold.ts';
import type { PageBounds } from '../history.ts';
import type { Sql } from './database.ts';
import { indexOf } from './search-index.ts';

/** Of rows, and so of messages. */
export const MAX_SEQ = 2_147_483_647;

/** Backwards from the one that began last at or before the row `last`: all that a page has room for, and one more. */
export async function keptMessages(
  sql: Sql,
  conversation: number,
  last: number,
  { messagesMax, bytesMax }: PageBounds,
): Promise<FoldedMessage[]> {
  const rows = await sql.all<{ seq: number; message: string }>(
    `SELECT seq, message FROM
       (SELECT seq, message, sum(octet_length(message)) OVER (ORDER BY seq DESC) - octet_length(message) AS newer
        FROM (SELECT seq, message FROM messages WHERE conversation = $1 AND seq <= $2
              ORDER BY seq DESC LIMIT $3) AS newest) AS summed
     WHERE newer <= $4 ORDER BY seq DESC`,
    ...[conversation, Math.min(last, MAX_SEQ), messagesMax + 1, bytesMax],
  );
  return rows.map(({ seq, message }) => ({
    seq,
    runId: '',
    message: JSON.parse(message) as Message,
  }));
}

export async function insertMessages(
  sql: Sql,
  user: string,
  conversation: number,
  folded: readonly FoldedMessage[],
): Promise<void> {
  await sql.run(
    `INSERT INTO messages (conversation, seq, message, words)
     SELECT $1, seq, message, words::tsvector FROM unnest($2::int[], $3::text[], $4::text[]) AS m (seq, message, words)`,
    conversation,
    folded.map(({ seq }) => seq),
    folded.map(({ message }) => JSON.stringify(message)),
    folded.map(({ message }) => indexOf(user, message)),
  );
}

/** What began at or before the row `last`, under the same ids and places; `to` has no messages yet. */
export async function copyMessages(
  sql: Sql,
  from: number,
  last: number,
  to: number,
): Promise<void> {
  await sql.run(
    `INSERT INTO messages (conversation, seq, message, words)
     SELECT $1, seq, message, words FROM messages WHERE conversation = $2 AND seq <= $3`,
    ...[to, from, last],
  );
}

export async function forgetMessages(sql: Sql, conversation: number): Promise<void> {
  await sql.run('DELETE FROM messages WHERE conversation = $1', conversation);
}
