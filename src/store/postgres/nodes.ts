/** Which nodes live, as far as the database knows. */
import type { ConversationKey } from '../store.ts';
import type { Sql } from './database.ts';
import { often } from './often.ts';

/** Of a row of `nodes` that is called `n`. */
export const LIVING = 'NOT n.dead AND n.expires_at > clock_timestamp()';

/** The living ones but one. */
export async function otherNodes(sql: Sql, node: string): Promise<string[]> {
  const rows = await sql.all<{ id: string }>(
    `SELECT n.id FROM nodes n WHERE n.id <> $1 AND ${LIVING} ORDER BY n.id`,
    node,
  );
  return rows.map(({ id }) => id);
}

/** The living one that owns a conversation. */
export async function ownerOf(sql: Sql, key: ConversationKey): Promise<string | null> {
  const row = await sql.get<{ owner: string }>(
    often(`SELECT p.owner FROM conversations c JOIN places p ON p.conversation = c.id
       JOIN nodes n ON n.id = p.owner WHERE c.key = $1 AND ${LIVING}`),
    key,
  );
  return row?.owner ?? null;
}
