/** The conversations' own rows: found, made and locked. */
import { randomUUID } from 'node:crypto';
import type { ForkOrigin } from '../history.ts';
import { type ConversationKey, type ForkPlace, type Position, userOf } from '../store.ts';
import { plain } from '../words.ts';
import { asJson, type Sql, type SqlRow } from './database.ts';

export interface Conversation {
  readonly id: number;
  readonly key: ConversationKey;
  readonly sessionId: string;
  readonly term: number;
  /** Id of the node that may append; null: none. */
  readonly owner: string | null;
  /** A process may be warmed for a conversation before anyone said a word in it. */
  readonly prompted: boolean;
  readonly head: Position | null;
  /** The last row that is no longer in the journal. */
  readonly base: Position | null;
  /** All rows up to this one are kept as messages. */
  readonly foldedTo: number;
  /** The last row of the last turn that ended. */
  readonly turnEnded: number;
  /** The row before the last turn. */
  readonly turnBefore: Position | null;
  readonly fork: Fork | null;
}

/** `seq`: the last row it brought along. */
export interface Fork extends ForkPlace {
  readonly from: ForkOrigin;
  readonly seq: number;
}

export const VISIBLE = 'prompted AND deleted_at IS NULL';

/**
 * A place's next term, one that it never had: not before a backup that was restored, nor under a primary that failed
 * before its rows were everywhere.
 */
export const NEXT_TERM = 'greatest(term + 1, floor(extract(epoch FROM clock_timestamp()))::bigint)';

/** For `title_json` and `title_plain`. */
export function titleValues(title: string): [json: string, plain: string] {
  return [asJson(title), plain(title).replaceAll('\0', ' ')];
}

const SELECT = `SELECT c.*, p.term, p.owner, p.head_term, p.head_seq
  FROM conversations c JOIN places p ON p.conversation = c.id`;

export async function find(sql: Sql, key: ConversationKey): Promise<Conversation | null> {
  return conversationOf(await sql.get(`${SELECT} WHERE c.key = $1`, key));
}

/**
 * Nobody appends to it, takes it over or changes it until the transaction ends. Whoever locks both of a conversation's
 * rows does it in this order.
 */
export async function lock(sql: Sql, key: ConversationKey): Promise<Conversation | null> {
  const place = await sql.get(
    'SELECT 1 FROM places WHERE conversation = (SELECT id FROM conversations WHERE key = $1) FOR UPDATE',
    key,
  );
  if (!place) return null;
  return conversationOf(await sql.get(`${SELECT} WHERE c.key = $1 FOR UPDATE OF c`, key));
}

/** Finds or makes it, and locks it. */
export async function open(sql: Sql, key: ConversationKey, now: number): Promise<Conversation> {
  const known = await lock(sql, key);
  if (known) return known;
  const made = await sql.get<{ id: number }>(
    `INSERT INTO conversations (key, user_name, session_id, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING RETURNING id`,
    ...[key, userOf(key), randomUUID(), now],
  );
  if (made) await sql.run('INSERT INTO places (conversation) VALUES ($1)', made.id);
  const conversation = await lock(sql, key);
  if (!conversation) throw new Error('a conversation that was just made is not there');
  return conversation;
}

function conversationOf(row: SqlRow | undefined): Conversation | null {
  if (!row) return null;
  return {
    id: Number(row.id),
    key: String(row.key) as ConversationKey,
    sessionId: String(row.session_id),
    term: Number(row.term),
    owner: row.owner === null ? null : String(row.owner),
    prompted: row.prompted === true,
    head: positionOf(row.head_term, row.head_seq),
    base: positionOf(row.base_term, row.base_seq),
    foldedTo: Number(row.folded_to),
    turnEnded: Number(row.turn_ended),
    turnBefore: positionOf(row.turn_term, row.turn_seq),
    fork: forkOf(row),
  };
}

export function positionOf(term: unknown, seq: unknown): Position | null {
  return term === null ? null : { term: Number(term), seq: Number(seq) };
}

function forkOf(row: SqlRow): Fork | null {
  if (row.forked_thread === null) return null;
  return {
    from: { threadId: String(row.forked_thread), runId: String(row.forked_run) },
    seq: Number(row.fork_seq),
    sessions: JSON.parse(String(row.fork_sessions)) as string[],
    at: row.fork_at === null ? null : String(row.fork_at),
  };
}
