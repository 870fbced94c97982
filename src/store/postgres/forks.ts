/** Conversations that go on from a place in another one: made, and found again from any of them. */
import type { Branch, ForkOrigin, ForkOutcome } from '../history.ts';
import { type ConversationKey, userOf } from '../store.ts';
import {
  branchOf,
  FORKS_MAX,
  inheritedTurns,
  isAt,
  keyOf,
  originalOf,
  originsOf,
  ownTurns,
  type Place,
  type Turn,
} from '../turns.ts';
import { type Conversation, find, NEXT_TERM, open, VISIBLE } from './conversations.ts';
import { type Database, fromJson, type Sql, type SqlRow } from './database.ts';
import type { Folding } from './folding.ts';
import { copyMessages } from './message-rows.ts';
import { inheritResults } from './results.ts';
import { inheritUploads } from './uploads.ts';

export interface ForkParts {
  readonly db: Database;
  readonly folding: Folding;
  readonly now: () => number;
}

export class Forks {
  readonly #parts: ForkParts;

  constructor(parts: ForkParts) {
    this.#parts = parts;
  }

  /**
   * Makes `to` of all that was said before the turn that `runId` belongs to. Serializable: nobody waits for it,
   * and two at once could each be the last that a place may have.
   */
  async fork(key: ConversationKey, runId: string, to: ConversationKey): Promise<ForkOutcome> {
    const { db, folding } = this.#parts;
    for (;;) {
      while (await folding.next({ key }));
      const outcome = await db.transaction(
        (sql) => this.#fork(sql, key, runId, to),
        'SERIALIZABLE',
      );
      if (outcome !== 'toFold') return outcome;
    }
  }

  /** All forks at the places this one has, each place's original first. */
  branches(key: ConversationKey): Promise<Branch[]> {
    return this.#parts.db.transaction(async (sql) => {
      const conversation = await find(sql, key);
      if (!conversation) return [];
      const user = userOf(key);
      const origins = originsOf(await turnsOf(sql, conversation), conversation);
      const forks = await forksOf(sql, user, origins);
      const forked = origins.filter((origin) => forks.some((fork) => isAt(fork, origin)));
      const branches: Branch[] = [];
      for (const origin of forked) {
        branches.push(...(await original(sql, user, origin)));
        for (const fork of forks.filter((row) => isAt(row, origin)))
          branches.push(branchOf(fork, fromJson(fork.title_json), fork.first_run));
      }
      return branches;
    }, 'REPEATABLE READ, READ ONLY');
  }

  async #fork(
    sql: Sql,
    key: ConversationKey,
    runId: string,
    to: ConversationKey,
  ): Promise<ForkOutcome | 'toFold'> {
    // It is not forgotten meanwhile, and all else that happens in it goes on.
    await sql.run('SELECT 1 FROM conversations WHERE key = $1 FOR KEY SHARE', key);
    const source = await find(sql, key);
    const turns = source?.prompted ? await turnsOf(sql, source) : [];
    const turn = turns.find(({ runIds }) => runIds.includes(runId));
    if (!source || !turn) return (await waits(sql, key, runId)) ? 'live' : 'unknown';
    if (!turn.ended) return 'live';
    const { origin, seq } = turn.place;
    const siblings = await forksOf(sql, userOf(key), [origin]);
    if (siblings.filter((fork) => isAt(fork, origin)).length >= FORKS_MAX) return 'tooMany';
    if (source.foldedTo < seq) return 'toFold';
    const before = turns.filter(({ place }) => place.seq < seq);
    const target = await open(sql, to, this.#parts.now());
    await copyMessages(sql, source.id, seq, target.id);
    await inherit(sql, target.id, before);
    const runIds = before.flatMap((earlier) => earlier.runIds);
    await inheritUploads(sql, source.id, runIds, target.id);
    await inheritResults(sql, source.id, target.id);
    await this.#place(sql, source, turn.place, target);
    return 'forked';
  }

  async #place(sql: Sql, source: Conversation, place: Place, target: Conversation): Promise<void> {
    const { seq, transcriptAt, sessions, origin } = place;
    const now = this.#parts.now();
    const taken = await sql.get<{ head_term: number | null }>(
      `UPDATE places SET term = ${NEXT_TERM}, owner = NULL, head_seq = $1,
         head_term = CASE WHEN $1 = 0 THEN NULL ELSE ${NEXT_TERM} END
       WHERE conversation = $2 RETURNING head_term`,
      ...[seq, target.id],
    );
    await sql.run(
      `UPDATE conversations SET prompted = true, created_at = $1, updated_at = $1, folded_to = $2, turn_ended = $2,
         base_term = $3, base_seq = $2, forked_thread = $4, forked_run = $5, fork_seq = $2, fork_sessions = $6,
         fork_at = $7, (title_json, title_plain, title_by, model, effort, repository) =
           (SELECT title_json, title_plain, title_by, model, effort, repository FROM conversations WHERE id = $8)
       WHERE id = $9`,
      ...[now, seq, taken?.head_term ?? null, origin.threadId, origin.runId],
      ...[JSON.stringify(sessions), transcriptAt, source.id, target.id],
    );
  }
}

export async function forgetFork(sql: Sql, conversation: number): Promise<void> {
  await sql.run('DELETE FROM inherited_runs WHERE conversation = $1', conversation);
  await sql.run(
    `UPDATE conversations SET forked_thread = NULL, forked_run = NULL, fork_seq = NULL,
       fork_sessions = NULL, fork_at = NULL WHERE id = $1`,
    conversation,
  );
}

async function inherit(sql: Sql, target: number, turns: readonly Turn[]): Promise<void> {
  const runs = turns.flatMap(({ place, runIds }) => runIds.map((runId) => ({ place, runId })));
  await sql.run(
    `INSERT INTO inherited_runs (conversation, run_id, before_seq, transcript_at, origin_thread, origin_run)
     SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[])`,
    target,
    runs.map(({ runId }) => runId),
    runs.map(({ place }) => place.seq),
    runs.map(({ place }) => place.transcriptAt),
    runs.map(({ place }) => place.origin.threadId),
    runs.map(({ place }) => place.origin.runId),
  );
}

/** Turns it brought along, then its own, oldest first. */
async function turnsOf(sql: Sql, conversation: Conversation): Promise<Turn[]> {
  const inherited = await sql.all(
    'SELECT * FROM inherited_runs WHERE conversation = $1 ORDER BY before_seq, run_id',
    conversation.id,
  );
  const own = await sql.all(
    `SELECT run_id, before_seq, turn_end, transcript_at FROM runs WHERE conversation = $1 AND started
     ORDER BY coalesce(before_seq, 0)`,
    conversation.id,
  );
  return [...inheritedTurns(conversation, inherited), ...ownTurns(conversation, own)];
}

/** Accepted, and not started. */
async function waits(sql: Sql, key: ConversationKey, runId: string): Promise<boolean> {
  const row = await sql.get(
    `SELECT 1 FROM runs r JOIN conversations c ON c.id = r.conversation
     WHERE r.user_name = $1 AND r.run_id = $2 AND c.key = $3 AND NOT r.started`,
    ...[userOf(key), runId, key],
  );
  return row !== undefined;
}

/** Forks of the conversations these places are in, each with its own first run. */
function forksOf(sql: Sql, user: string, origins: readonly ForkOrigin[]): Promise<SqlRow[]> {
  return sql.all(
    `SELECT key, title_json, created_at, forked_thread, forked_run,
       (SELECT run_id FROM runs WHERE conversation = c.id AND started ORDER BY coalesce(before_seq, 0) LIMIT 1) AS first_run
     FROM conversations c WHERE user_name = $1 AND forked_thread = ANY($2) AND ${VISIBLE} ORDER BY created_at, id`,
    ...[user, [...new Set(origins.map(({ threadId }) => threadId))]],
  );
}

/** It is told as long as it is there, and holds that run: its id may be another conversation's by now. */
async function original(sql: Sql, user: string, origin: ForkOrigin): Promise<Branch[]> {
  const row = await sql.get(
    `SELECT c.title_json, c.created_at FROM conversations c JOIN runs r ON r.conversation = c.id
     WHERE c.key = $1 AND ${VISIBLE} AND r.user_name = $2 AND r.run_id = $3`,
    ...[keyOf(user, origin), user, origin.runId],
  );
  return row ? [originalOf(origin, fromJson(row.title_json), row.created_at)] : [];
}
