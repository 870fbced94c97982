/**
 * The ledger's entries, as runs open and close them in the transactions that keep the runs. None waits for a take: an
 * entry is one run's, and who changes a run holds its conversation.
 */
import type { Spending } from '../limits.ts';
import type { Sql } from './database.ts';

/** So long a take may be on its way to its prompt: whoever took must have died, or lost the answer. */
const UNACCEPTED_MS = 120_000;

const UNACCEPTED = `open AND NOT EXISTS (SELECT FROM runs
  WHERE runs.user_name = charges.user_name AND runs.run_id = charges.run_id AND NOT parked)`;

/** A run that no take was asked for: it goes on from another, or Claude began it. */
export async function openCharge(
  sql: Sql,
  user: string,
  runId: string,
  thread: string,
  now: number,
): Promise<void> {
  await sql.run(
    'INSERT INTO charges (user_name, run_id, thread, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    ...[user, runId, thread, now],
  );
}

/** @param spent Null: what was counted while it ran is all that is known. */
export async function closeCharge(
  sql: Sql,
  user: string,
  runId: string,
  spent: Spending | null,
): Promise<void> {
  if (spent === null)
    await sql.run(
      'UPDATE charges SET open = false WHERE user_name = $1 AND run_id = $2',
      ...[user, runId],
    );
  else
    await sql.run(
      `UPDATE charges SET open = false, input = $3, output = $4, cache_read = $5, cache_write = $6, cost_usd = $7
         WHERE user_name = $1 AND run_id = $2`,
      ...[user, runId, spent.inputTokens, spent.outputTokens],
      ...[spent.cacheReadTokens, spent.cacheWriteTokens, spent.costUsd],
    );
}

/** Of a run that was accepted, and is not parked, it is kept. */
export async function giveBackCharge(sql: Sql, user: string, runId: string): Promise<void> {
  await sql.run(
    `DELETE FROM charges WHERE user_name = $1 AND run_id = $2 AND ${UNACCEPTED}`,
    ...[user, runId],
  );
}

/** What is forgotten does not end any more. */
export async function closeThread(sql: Sql, user: string, thread: string): Promise<void> {
  await sql.run(
    'UPDATE charges SET open = false WHERE user_name = $1 AND thread = $2 AND open',
    ...[user, thread],
  );
}

/** Gives back what was taken for prompts that were never accepted. Returns whose it was, of each once. */
export async function forgetUnacceptedCharges(sql: Sql, now: number): Promise<string[]> {
  // One that another transaction has in hand is about to change: it is seen to next time.
  const rows = await sql.all<{ user_name: string }>(
    `DELETE FROM charges WHERE (user_name, run_id) IN (SELECT user_name, run_id FROM charges
       WHERE ${UNACCEPTED} AND at < $1 FOR UPDATE SKIP LOCKED) AND ${UNACCEPTED} RETURNING user_name`,
    now - UNACCEPTED_MS,
  );
  return [...new Set(rows.map(({ user_name }) => user_name))];
}
