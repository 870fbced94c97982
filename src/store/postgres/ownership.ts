/** Who may append to a conversation: taken, given up, and taken over from a node that has gone. */
import { randomUUID } from 'node:crypto';
import { FaultError } from '../../faults.ts';
import { cutOffQuestion, interrupted } from '../interrupted.ts';
import type { ConversationKey, NewRow, Position } from '../store.ts';
import { type Conversation, lock, open } from './conversations.ts';
import type { Sql } from './database.ts';
import { keepMarks } from './marks.ts';
import { often } from './often.ts';
import { type Addition, insertRows, rowsOf } from './rows.ts';
import { openRuns } from './runs.ts';

/** A conversation that a node has the right to append to. */
export interface Taken {
  readonly conversation: Conversation;
  readonly node: string;
  readonly term: number;
  readonly head: Position | null;
  /** A turn that was cut off was ended; `watched`: another node wants to hear of it. */
  readonly ended: { readonly watched: boolean } | null;
}

/** Takes it, unless another living node has it. */
export async function take(
  sql: Sql,
  key: ConversationKey,
  node: string,
  now: () => number,
): Promise<Taken | { readonly heldBy: string }> {
  const conversation = await open(sql, key, now());
  const { owner } = conversation;
  if (owner !== null && owner !== node && (await isAlive(sql, owner))) return { heldBy: owner };
  return own(sql, conversation, node, now);
}

/** Gives it up; what is left of a turn ends first, so that nobody waits for it. Null: it was not the node's. */
export async function giveUp(
  sql: Sql,
  { key, node, term }: { key: ConversationKey; node: string; term: number },
  now: () => number,
): Promise<Taken | null> {
  const conversation = await lock(sql, key);
  if (conversation?.owner !== node || conversation.term !== term) return null;
  const taken = await endTurn(sql, conversation, node, term, now);
  await sql.run('UPDATE places SET owner = NULL WHERE conversation = $1', conversation.id);
  return taken;
}

/**
 * Ends a turn that a node, which has gone, left in the middle. Several nodes may share the work: each finds
 * another. Null: there is none left, or this node takes nothing over.
 */
export async function endOneCutOff(
  sql: Sql,
  node: string,
  now: () => number,
): Promise<Taken | null> {
  const found = await sql.get<{ key: ConversationKey }>(
    often(`SELECT c.key FROM places p JOIN conversations c ON c.id = p.conversation
       WHERE p.owner IS NOT NULL AND c.turn_ended < p.head_seq
         AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = p.owner AND NOT n.dead)
         AND EXISTS (SELECT 1 FROM nodes n WHERE n.id = $1 AND NOT n.dead AND NOT n.draining)
       LIMIT 1 FOR UPDATE OF p SKIP LOCKED`),
    node,
  );
  const conversation = found && (await lock(sql, found.key));
  // It may have been taken between the search and the lock, by a node that joined meanwhile.
  const owner = conversation?.owner ?? null;
  if (!conversation || owner === null || (await isAlive(sql, owner))) return null;
  const taken = await own(sql, conversation, node, now);
  await sql.run('UPDATE places SET owner = NULL WHERE conversation = $1', conversation.id);
  return taken;
}

/** Nodes that were not heard for the time of their lease are gone for good. */
export async function declareDead(sql: Sql): Promise<void> {
  await sql.run(
    often('UPDATE nodes SET dead = true WHERE NOT dead AND expires_at < clock_timestamp()'),
  );
}

/** One whose lease has ended is declared dead with this: it cannot renew it any more. */
async function isAlive(sql: Sql, node: string): Promise<boolean> {
  await sql.run(
    'UPDATE nodes SET dead = true WHERE id = $1 AND NOT dead AND expires_at < clock_timestamp()',
    node,
  );
  return (await sql.get('SELECT 1 FROM nodes WHERE id = $1 AND NOT dead', node)) !== undefined;
}

/**
 * Terms follow the clock, so that none comes twice where a backup was restored, or a standby took over that had not
 * heard of the last one.
 */
async function own(
  sql: Sql,
  conversation: Conversation,
  node: string,
  now: () => number,
): Promise<Taken> {
  const place = await sql.get<{ term: number }>(
    `UPDATE places SET owner = $2,
         term = greatest(term + 1, floor(extract(epoch FROM clock_timestamp()))::bigint)
       WHERE conversation = $1 AND EXISTS (SELECT 1 FROM nodes WHERE id = $2 AND NOT dead)
       RETURNING term`,
    ...[conversation.id, node],
  );
  if (!place) throw new FaultError('store.unavailable', 'this server has lost its lease');
  return endTurn(sql, conversation, node, place.term, now);
}

async function endTurn(
  sql: Sql,
  conversation: Conversation,
  node: string,
  term: number,
  now: () => number,
): Promise<Taken> {
  const { id, key, head } = conversation;
  const rows = await missingEnd(sql, conversation);
  if (rows.length === 0) return { conversation, node, term, head, ended: null };
  const addition: Addition = { conversation: id, key, node, term, after: head, rows };
  const ended = (await insertRows(sql, [addition])).get(id);
  if (!ended) throw new Error('a turn could not be ended by who had locked it');
  await keepMarks(sql, addition, now);
  const seq = (head?.seq ?? 0) + rows.length;
  return { conversation, node, term, head: { term, seq }, ended };
}

/** What must follow before anything else does, where the last owner has gone in the middle of a turn. */
async function missingEnd(sql: Sql, conversation: Conversation): Promise<NewRow[]> {
  const { id, key, head, turnEnded } = conversation;
  if (head === null || turnEnded === head.seq) return [];
  const open = await openRuns(sql, id);
  const [last] = await rowsOf(sql, conversation, head.seq - 1, 1);
  if (open.length > 0 || last === undefined) return open.map(interrupted);
  return cutOffQuestion(key, last, randomUUID());
}
