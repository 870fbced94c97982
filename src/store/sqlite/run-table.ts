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

  insert(user: string, conversation: number, command: RunCommand, parked: boolean): void {
    const { runId, digest, text, images } = command;
    this.#sql.run(
      `INSERT INTO runs (user, run_id, conversation, digest, text, images, accepted, parked)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[user, runId, conversation, digest, text, images ? JSON.stringify(images) : null],
      ...[this.#now(), Number(parked)],
    );
  }

  /** One that was accepted and has not started waits for a limit after all. False: it has. */
  park(user: string, runId: string): boolean {
    const { changes } = this.#sql.run(
      'UPDATE runs SET parked = 1 WHERE user = ? AND run_id = ? AND started = 0',
      ...[user, runId],
    );
    return changes > 0;
  }

  /** A parked one is accepted after all. False: there is none any more, or its conversation was deleted. */
  unpark(user: string, runId: string): boolean {
    const { changes } = this.#sql.run(
      `UPDATE runs SET parked = 0, accepted = ? WHERE user = ? AND run_id = ? AND parked = 1
         AND conversation NOT IN (SELECT id FROM conversations WHERE deleted_at IS NOT NULL)`,
      ...[this.#now(), user, runId],
    );
    return changes > 0;
  }

  /** False: there is none that has not started. */
  withdraw(key: ConversationKey, runId: string): boolean {
    const { changes } = this.#sql.run(
      'DELETE FROM runs WHERE user = ? AND run_id = ? AND started = 0',
      userOf(key),
      runId,
    );
    return changes > 0;
  }

  run(user: string, runId: string): RunRecord | null {
    const row = this.#sql.get(`${RUNS} WHERE r.user = ? AND r.run_id = ?`, user, runId);
    return row ? runRecord(row) : null;
  }

  /** Prompts that were accepted and have not started, or that are parked; oldest first. */
  waiting(parked: boolean): RunRecord[] {
    return this.#sql
      .all(
        `${RUNS} WHERE started = 0 AND ended = 0 AND parked = ? ORDER BY accepted`,
        Number(parked),
      )
      .map(runRecord);
  }

  /** Of one conversation, the ids of those that were cut off. */
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
       ON CONFLICT DO UPDATE SET started = 1, text = '', images = NULL, before_term = excluded.before_term, before_seq = excluded.before_seq`,
      ...[user, runId, conversation, this.#now(), before?.term ?? null, before?.seq ?? null],
    );
  }

  markEnded(user: string, runId: string, transcriptAt: string | null): void {
    this.#sql.run(
      'UPDATE runs SET ended = 1, transcript_at = ? WHERE user = ? AND run_id = ?',
      ...[transcriptAt, user, runId],
    );
  }

  /** With this run the turn it belongs to ended, at that row. Returns when, epoch ms. */
  markTurnEnded(user: string, runId: string, seq: number): number {
    const now = this.#now();
    this.#sql.run(
      'UPDATE runs SET turn_end = ?, turn_ended_at = ? WHERE user = ? AND run_id = ?',
      ...[seq, now, user, runId],
    );
    return now;
  }

  /** When it was accepted, epoch ms; now, for one that is not known. */
  acceptedAt(user: string, runId: string): number {
    const row = this.#sql.get(
      'SELECT accepted FROM runs WHERE user = ? AND run_id = ?',
      user,
      runId,
    );
    return row ? Number(row.accepted) : this.#now();
  }

  anyOf(conversation: number): boolean {
    return this.#sql.get('SELECT 1 FROM runs WHERE conversation = ?', conversation) !== undefined;
  }

  forgetAll(conversation: number): void {
    this.#sql.run('DELETE FROM runs WHERE conversation = ?', conversation);
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
    ...(row.images !== null && { images: JSON.parse(String(row.images)) as string[] }),
    started: row.started === 1,
    parked: row.parked === 1,
    ended: row.ended === 1,
    before,
  };
}
