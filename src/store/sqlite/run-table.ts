/** Runs: accepted, started, ended. */
import {
  type ConversationKey,
  type Position,
  type RunCommand,
  type RunRecord,
  userOf,
} from '../store.ts';
import type { Sql, SqlRow } from './sql.ts';

const RUNS = 'SELECT r.*, c.key FROM runs r JOIN conversations c ON c.id = r.conversation';

export class RunTable {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  insert(user: string, conversation: number, { runId, digest, text }: RunCommand): void {
    this.#sql.run(
      'INSERT INTO runs (user, run_id, conversation, digest, text, accepted) VALUES (?, ?, ?, ?, ?, ?)',
      ...[user, runId, conversation, digest, text, this.#now()],
    );
  }

  withdraw(key: ConversationKey, runId: string): void {
    this.#sql.run(
      'DELETE FROM runs WHERE user = ? AND run_id = ? AND started = 0',
      userOf(key),
      runId,
    );
  }

  run(user: string, runId: string): RunRecord | null {
    const row = this.#sql.get(`${RUNS} WHERE user = ? AND run_id = ?`, user, runId);
    return row ? runRecord(row) : null;
  }

  /** Prompts that were accepted and have not started, oldest first. */
  waiting(): RunRecord[] {
    return this.#sql
      .all(`${RUNS} WHERE started = 0 AND ended = 0 ORDER BY accepted`)
      .map(runRecord);
  }

  /** Runs that were cut off. */
  open(): RunRecord[] {
    return this.#sql.all(`${RUNS} WHERE started = 1 AND ended = 0`).map(runRecord);
  }

  /** Of one conversation, their ids. */
  openIn(conversation: number): string[] {
    return this.#sql
      .all(
        'SELECT run_id FROM runs WHERE conversation = ? AND started = 1 AND ended = 0',
        conversation,
      )
      .map((row) => String(row.run_id));
  }

  /** Runs that Claude begins by itself were never accepted: their first row makes their record. */
  markStarted(user: string, runId: string, conversation: number, before: Position | null): void {
    this.#sql.run(
      `INSERT INTO runs (user, run_id, conversation, digest, text, accepted, started, before_term, before_seq)
       VALUES (?, ?, ?, '', '', ?, 1, ?, ?)
       ON CONFLICT DO UPDATE SET started = 1, before_term = excluded.before_term, before_seq = excluded.before_seq`,
      ...[user, runId, conversation, this.#now(), before?.term ?? null, before?.seq ?? null],
    );
  }

  markEnded(user: string, runId: string): void {
    this.#sql.run('UPDATE runs SET ended = 1 WHERE user = ? AND run_id = ?', user, runId);
  }
}

function runRecord(row: SqlRow): RunRecord {
  const before =
    row.before_seq === null ? null : { term: Number(row.before_term), seq: Number(row.before_seq) };
  return {
    key: String(row.key) as ConversationKey,
    runId: String(row.run_id),
    digest: String(row.digest),
    text: String(row.text),
    started: row.started === 1,
    ended: row.ended === 1,
    before,
  };
}
