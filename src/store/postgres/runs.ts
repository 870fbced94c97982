/** Runs: accepted, started, ended; and which node sees to those that wait. */
import {
  type ConversationKey,
  type Position,
  type RunCommand,
  type RunRecord,
  userOf,
} from '../store.ts';
import { positionOf } from './conversations.ts';
import { asJson, fromJson, type Sql, type SqlRow } from './database.ts';
import { often } from './often.ts';

const RUNS = 'SELECT r.*, c.key FROM runs r JOIN conversations c ON c.id = r.conversation';

export interface NewRun extends RunCommand {
  readonly key: ConversationKey;
  readonly conversation: number;
  readonly parked: boolean;
  readonly node: string;
  readonly now: number;
}

/** False: the user has a run of that id. */
export async function insertRun(sql: Sql, run: NewRun): Promise<boolean> {
  const { runId, digest, text, images } = run;
  const inserted = await sql.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, images, accepted, parked, node)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    ...[userOf(run.key), runId, run.conversation, digest, asJson(text)],
    ...[images ? JSON.stringify(images) : null, run.now, run.parked, run.node],
  );
  return inserted > 0;
}

/** One that was accepted and has not started waits for a limit after all. False: it has. */
export async function parkRun(
  sql: Sql,
  node: string,
  user: string,
  runId: string,
): Promise<boolean> {
  const parked = await sql.run(
    'UPDATE runs SET parked = true, node = $3 WHERE user_name = $1 AND run_id = $2 AND NOT started',
    ...[user, runId, node],
  );
  return parked > 0;
}

/** A parked one is accepted after all. False: there is none any more, or its conversation was deleted. */
export async function unparkRun(
  sql: Sql,
  node: string,
  user: string,
  runId: string,
  now: number,
): Promise<boolean> {
  const accepted = await sql.run(
    `UPDATE runs SET parked = false, accepted = $3, node = $4 WHERE user_name = $1 AND run_id = $2 AND parked
       AND NOT EXISTS (SELECT 1 FROM conversations WHERE id = runs.conversation AND deleted_at IS NOT NULL)`,
    ...[user, runId, now, node],
  );
  return accepted > 0;
}

/** False: there is none that has not started. */
export async function withdrawRun(sql: Sql, user: string, runId: string): Promise<boolean> {
  const withdrawn = await sql.run(
    'DELETE FROM runs WHERE user_name = $1 AND run_id = $2 AND NOT started',
    ...[user, runId],
  );
  return withdrawn > 0;
}

export async function runOf(sql: Sql, user: string, runId: string): Promise<RunRecord | null> {
  const row = await sql.get(`${RUNS} WHERE r.user_name = $1 AND r.run_id = $2`, user, runId);
  return row ? runRecord(row) : null;
}

/** The one that is parked in a conversation, by whichever node. */
export async function parkedRun(sql: Sql, key: ConversationKey): Promise<RunRecord | null> {
  const row = await sql.get(
    `${RUNS} WHERE c.key = $1 AND r.parked AND NOT r.started AND NOT r.ended ORDER BY r.accepted LIMIT 1`,
    key,
  );
  return row ? runRecord(row) : null;
}

/**
 * Makes those that wait, and whose node does not live, or goes and has let go of their conversation, a node's own,
 * oldest first. Several may try at once: each run becomes one node's.
 */
export async function claimRuns(sql: Sql, node: string, parked: boolean): Promise<RunRecord[]> {
  const rows = await sql.all(
    often(`WITH orphans AS (
       SELECT user_name, run_id FROM runs
       WHERE NOT started AND NOT ended AND parked = $2
         AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = runs.node AND NOT n.dead AND
           (NOT n.draining OR EXISTS
             (SELECT 1 FROM places p WHERE p.conversation = runs.conversation AND p.owner = n.id)))
         AND EXISTS (SELECT 1 FROM nodes n WHERE n.id = $1 AND NOT n.dead AND NOT n.draining)
       FOR UPDATE SKIP LOCKED
     )
     UPDATE runs r SET node = $1 FROM orphans o, conversations c
       WHERE r.user_name = o.user_name AND r.run_id = o.run_id AND c.id = r.conversation
       RETURNING c.key, r.run_id, r.digest, r.text_json, r.images, r.accepted, r.started, r.parked, r.ended,
         r.before_term, r.before_seq`),
    ...[node, parked],
  );
  return rows.toSorted((a, b) => Number(a.accepted) - Number(b.accepted)).map(runRecord);
}

/** From now on the node sees to it, whoever accepted it. */
export async function claimRun(sql: Sql, node: string, user: string, runId: string): Promise<void> {
  await sql.run(
    'UPDATE runs SET node = $1 WHERE user_name = $2 AND run_id = $3 AND NOT started',
    ...[node, user, runId],
  );
}

/** Of one conversation, the ids of those that have begun and not ended. */
export async function openRuns(sql: Sql, conversation: number): Promise<string[]> {
  const rows = await sql.all(
    'SELECT run_id FROM runs WHERE conversation = $1 AND started AND NOT ended',
    conversation,
  );
  return rows.map((row) => String(row.run_id));
}

export interface StartedRun {
  readonly user: string;
  readonly runId: string;
  readonly conversation: number;
  readonly node: string;
  readonly before: Position | null;
  readonly now: number;
}

/**
 * Runs that Claude begins by itself were never accepted: their first row makes their record.
 * @throws Where it has begun before: whoever handed it on twice, its second beginning is not kept.
 */
export async function markStarted(sql: Sql, run: StartedRun): Promise<void> {
  const started = await sql.run(
    `INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, started, node, before_term, before_seq)
       VALUES ($1, $2, $3, '', '""', $4, true, $5, $6, $7)
     ON CONFLICT (user_name, run_id) DO UPDATE SET started = true, text_json = '""', images = NULL,
       before_term = excluded.before_term, before_seq = excluded.before_seq WHERE NOT runs.started`,
    ...[run.user, run.runId, run.conversation, run.now, run.node],
    ...[run.before?.term ?? null, run.before?.seq ?? null],
  );
  if (started === 0) throw new Error('a run that has begun does not begin again');
}

/** @param turnEnd The row that ended the turn with it; null: the turn goes on. */
export async function markEnded(
  sql: Sql,
  { user, runId, now }: Pick<StartedRun, 'user' | 'runId' | 'now'>,
  transcriptAt: string | null,
  turnEnd: number | null,
): Promise<void> {
  await sql.run(
    `UPDATE runs SET ended = true, transcript_at = $3, turn_end = coalesce($4::int, turn_end),
       turn_ended_at = CASE WHEN $4::int IS NULL THEN turn_ended_at ELSE $5::bigint END
     WHERE user_name = $1 AND run_id = $2`,
    ...[user, runId, transcriptAt, turnEnd, now],
  );
}

/** When they were accepted, epoch ms; of those that are not known nothing is said. */
export async function acceptedAt(
  sql: Sql,
  user: string,
  runIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql.all(
    'SELECT run_id, accepted FROM runs WHERE user_name = $1 AND run_id = ANY ($2::text[])',
    ...[user, runIds],
  );
  return new Map(rows.map((row) => [String(row.run_id), Number(row.accepted)]));
}

export async function hasRuns(sql: Sql, conversation: number): Promise<boolean> {
  return (
    (await sql.get('SELECT 1 FROM runs WHERE conversation = $1 LIMIT 1', conversation)) !==
    undefined
  );
}

export async function forgetRuns(sql: Sql, conversation: number): Promise<void> {
  await sql.run('DELETE FROM runs WHERE conversation = $1', conversation);
}

function runRecord(row: SqlRow): RunRecord {
  return {
    key: String(row.key) as ConversationKey,
    runId: String(row.run_id),
    digest: String(row.digest),
    text: fromJson(row.text_json),
    ...(row.images !== null && { images: JSON.parse(String(row.images)) as string[] }),
    node: String(row.node),
    started: row.started === true,
    parked: row.parked === true,
    ended: row.ended === true,
    before: row.before_seq === null ? null : positionOf(row.before_term, row.before_seq),
  };
}
