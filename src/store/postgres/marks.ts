/** What else a row says: a run begins or ends with it, or a tool's result is longer than it. Kept in its transaction. */
import { endsTurn } from '../fold.ts';
import { type NewRow, type Position, threadOf, userOf } from '../store.ts';
import { closeCharge, openCharge } from './charges.ts';
import type { Sql } from './database.ts';
import { insertResult } from './results.ts';
import type { Addition } from './rows.ts';
import { markEnded, markStarted } from './runs.ts';

/** Whether there is anything to keep besides the row. */
export function isMarked({ marks, result }: NewRow): boolean {
  return marks !== undefined || result !== undefined;
}

/** Whoever calls this has the conversation's place locked. */
export async function keepMarks(sql: Sql, addition: Addition, now: () => number): Promise<void> {
  let before = addition.after;
  for (const row of addition.rows) {
    const at: Position = { term: addition.term, seq: (before?.seq ?? 0) + 1 };
    if (row.result) await insertResult(sql, addition.conversation, row.result);
    if (row.marks === 'runStarted') await runStarted(sql, addition, row, before, now());
    if (row.marks === 'runEnded') await runEnded(sql, addition, row, at.seq, now());
    before = at;
  }
}

async function runStarted(
  sql: Sql,
  { conversation, key, node }: Addition,
  { runId, chunk }: NewRow,
  before: Position | null,
  now: number,
): Promise<void> {
  const user = userOf(key);
  const goesOn = JSON.parse(chunk).parentRunId !== undefined; // from a question
  if (!goesOn)
    await sql.run(
      'UPDATE conversations SET turn_term = $2, turn_seq = $3 WHERE id = $1',
      ...[conversation, before?.term ?? null, before?.seq ?? null],
    );
  await markStarted(sql, { user, runId, conversation, node, before, now });
  await openCharge(sql, user, runId, threadOf(key), now);
}

async function runEnded(
  sql: Sql,
  { conversation, key }: Addition,
  row: NewRow,
  seq: number,
  now: number,
): Promise<void> {
  const { runId, chunk, transcriptAt = null, spent = null } = row;
  const user = userOf(key);
  const turnEnd = endsTurn(chunk) ? seq : null;
  await sql.run(
    `UPDATE conversations SET updated_at = $2, ended_at = $2, turn_ended = coalesce($3::int, turn_ended)
       WHERE id = $1`,
    ...[conversation, now, turnEnd],
  );
  await markEnded(sql, { user, runId, now }, transcriptAt, turnEnd);
  await closeCharge(sql, user, runId, spent);
}
