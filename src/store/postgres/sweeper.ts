/**
 * What has had its time: frames of turns that are kept as messages, and conversations nobody wants any more. Any
 * number of nodes may sweep: what one has in hand, the others skip.
 */
import { randomUUID } from 'node:crypto';
import type { Days } from '../days.ts';
import type { SweepRules, Swept } from '../history.ts';
import { threadOf, userOf } from '../store.ts';
import { closeThread, forgetUnacceptedCharges } from './charges.ts';
import { type Conversation, lock, NEXT_TERM } from './conversations.ts';
import type { Database, Sql } from './database.ts';
import type { Folding } from './folding.ts';
import { forgetFork } from './forks.ts';
import { forgetMessages } from './message-rows.ts';
import type { NoticeBoard } from './notices.ts';
import { forgetResults } from './results.ts';
import { forgetRuns } from './runs.ts';
import { forgetExpiredSignIns } from './sign-ins.ts';
import { forgetUnnamedUploads, forgetUploads } from './uploads.ts';
import { foldOldUsage } from './usage.ts';

/** Turns that are cut at once. */
const TURNS_AT_ONCE = 10;

/** A turn's frames go when its messages are kept; its run then is not looked at again. */
const CUT = `WITH due AS (
    SELECT r.user_name, r.run_id, r.conversation, r.turn_end
    FROM runs r JOIN conversations c ON c.id = r.conversation
    WHERE r.turn_end IS NOT NULL AND r.turn_ended_at < $1 AND r.turn_end <= c.folded_to
    ORDER BY r.turn_ended_at LIMIT ${TURNS_AT_ONCE} FOR UPDATE OF r SKIP LOCKED
  ), ends AS (
    SELECT conversation, max(turn_end) AS seq FROM due GROUP BY conversation
  ), cut AS (
    UPDATE conversations c SET base_term = j.term, base_seq = j.seq
    FROM ends e JOIN journal j ON j.conversation = e.conversation AND j.seq = e.seq
    WHERE c.id = e.conversation AND c.base_seq < j.seq RETURNING c.id, c.base_seq
  ), gone AS (
    DELETE FROM journal j USING cut WHERE j.conversation = cut.id AND j.seq <= cut.base_seq
  )
  UPDATE runs r SET turn_ended_at = NULL FROM due
  WHERE r.user_name = due.user_name AND r.run_id = due.run_id`;

const DELETED = 'c.deleted_at < $1';
const UNUSED = `c.updated_at < $1 AND c.prompted
  AND NOT EXISTS (SELECT 1 FROM runs WHERE conversation = c.id AND NOT ended)`;

export interface SweeperParts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly folding: Folding;
  readonly days: Days;
  readonly now: () => number;
}

export class Sweeper {
  readonly #parts: SweeperParts;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  async sweep({ endedBefore, deletedBefore, unusedSince }: SweepRules): Promise<Swept> {
    const { db, folding, days, now } = this.#parts;
    if (await folding.next()) return { more: true, forgotten: null };
    const forgotten =
      (await this.#forget(DELETED, deletedBefore)) ??
      (unusedSince === null ? null : await this.#forget(UNUSED, unusedSince));
    if (forgotten) return { more: true, forgotten };
    const more =
      (await db.run(CUT, endedBefore)) > 0 ||
      (await db.transaction((sql) => foldOldUsage(sql, days, now()))) ||
      (await db.transaction((sql) => forgetUnnamedUploads(sql, now())));
    if (more) return { more, forgotten: null };
    await this.#forgetRest(now());
    return { more: false, forgotten: null };
  }

  async #forgetRest(now: number): Promise<void> {
    const { db, board } = this.#parts;
    for (const user of await db.transaction((sql) => forgetUnacceptedCharges(sql, now)))
      board.tell('charged', user, true);
    await db.transaction((sql) => forgetExpiredSignIns(sql, now));
  }

  /** One conversation of which `condition` holds for `time`. Null: there is none, or others have them in hand. */
  async #forget(condition: string, time: number): Promise<Swept['forgotten']> {
    const { db, board } = this.#parts;
    const forgotten = await db.transaction(async (sql) => {
      const due = await sql.get<{ key: Conversation['key'] }>(
        `SELECT c.key FROM conversations c JOIN places p ON p.conversation = c.id
         WHERE ${condition} LIMIT 1 FOR UPDATE OF p SKIP LOCKED`,
        time,
      );
      const conversation = due ? await lock(sql, due.key) : null;
      if (!conversation || !(await isDue(sql, conversation, condition, time))) return null;
      await forget(sql, conversation);
      return { key: conversation.key, sessionId: conversation.sessionId };
    });
    if (!forgotten) return null;
    board.tell('changed', forgotten.key);
    board.tell('charged', userOf(forgotten.key), true);
    return forgotten;
  }
}

/** It may have been restored, or prompted, before it was locked. */
async function isDue(
  sql: Sql,
  { id }: Conversation,
  condition: string,
  time: number,
): Promise<boolean> {
  const row = await sql.get(
    `SELECT 1 FROM conversations c WHERE id = $2 AND ${condition}`,
    ...[time, id],
  );
  return row !== undefined;
}

/**
 * Keeps the place, so that whoever writes there next goes on behind it: a cursor of what is gone never fits what
 * comes. A node that still runs it appends nothing any more.
 */
async function forget(sql: Sql, { id, key, sessionId }: Conversation): Promise<void> {
  await sql.run('DELETE FROM journal WHERE conversation = $1', id);
  await sql.run('DELETE FROM transcripts WHERE session_id = $1', sessionId);
  await forgetMessages(sql, id);
  await forgetResults(sql, id);
  await forgetRuns(sql, id);
  await closeThread(sql, userOf(key), threadOf(key));
  await forgetUploads(sql, id);
  await forgetFork(sql, id);
  const place = await sql.get<{ term: number; head_seq: number }>(
    `UPDATE places SET term = ${NEXT_TERM}, owner = NULL, head_term = ${NEXT_TERM}
     WHERE conversation = $1 RETURNING term, head_seq`,
    id,
  );
  await sql.run(
    `UPDATE conversations SET session_id = $1, prompted = false, title_json = NULL, title_plain = NULL,
       title_by = NULL, model = NULL, effort = NULL, repository = NULL, deleted_at = NULL, live_json = NULL,
       base_term = $2, base_seq = $3, folded_to = $3, turn_ended = $3, turn_term = NULL, turn_seq = NULL
     WHERE id = $4`,
    ...[randomUUID(), place?.term ?? 0, place?.head_seq ?? 0, id],
  );
}
