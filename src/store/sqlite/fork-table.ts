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
import type { Conversation, Conversations } from './conversations.ts';
import type { MessageTable } from './message-table.ts';
import type { ResultTable } from './result-table.ts';
import type { Sql, SqlRow } from './sql.ts';
import type { UploadTable } from './upload-table.ts';

const VISIBLE = 'prompted = 1 AND deleted_at IS NULL';

export interface ForkParts {
  readonly sql: Sql;
  readonly conversations: Conversations;
  readonly messages: MessageTable;
  readonly uploads: UploadTable;
  readonly results: ResultTable;
  readonly now: () => number;
}

export class ForkTable {
  readonly #parts: ForkParts;
  readonly #sql: Sql;
  readonly #conversations: Conversations;
  readonly #messages: MessageTable;
  readonly #now: () => number;

  constructor(parts: ForkParts) {
    this.#parts = parts;
    this.#sql = parts.sql;
    this.#conversations = parts.conversations;
    this.#messages = parts.messages;
    this.#now = parts.now;
  }

  /** Makes `to` of all that was said before the turn that `runId` belongs to. */
  fork(key: ConversationKey, runId: string, to: ConversationKey, sessionId: string): ForkOutcome {
    const source = this.#conversations.get(key);
    const turns = source?.prompted ? this.#turnsOf(source) : [];
    const turn = turns.find(({ runIds }) => runIds.includes(runId));
    if (!source || !turn) return this.#waits(key, runId) ? 'live' : 'unknown';
    if (!turn.ended) return 'live';
    if (this.#forksAt(userOf(key), turn.place) >= FORKS_MAX) return 'tooMany';
    while (source.foldedTo < turn.place.seq && this.#messages.foldOne());
    const before = turns.filter(({ place }) => place.seq < turn.place.seq);
    this.#copy(source, turn.place, before, this.#conversations.open(to, sessionId));
    return 'forked';
  }

  /** All forks at the places this one has, each place's original first. */
  branches(key: ConversationKey): Branch[] {
    const conversation = this.#conversations.get(key);
    if (!conversation) return [];
    const user = userOf(key);
    const origins = originsOf(this.#turnsOf(conversation), conversation);
    const threads = new Set(origins.map(({ threadId }) => threadId));
    const forks = [...threads].flatMap((threadId) => this.#forksOf(user, threadId));
    const forked = origins.filter((origin) => forks.some((fork) => isAt(fork, origin)));
    return forked.flatMap((origin) => [
      ...this.#original(user, origin),
      ...forks.filter((fork) => isAt(fork, origin)).map((fork) => this.#branchOf(fork)),
    ]);
  }

  forgetAll(conversation: number): void {
    this.#sql.run('DELETE FROM inherited_runs WHERE conversation = ?', conversation);
    this.#sql.run(
      `UPDATE conversations SET forked_thread = NULL, forked_run = NULL, fork_seq = NULL,
         fork_sessions = NULL, fork_at = NULL WHERE id = ?`,
      conversation,
    );
  }

  #copy(source: Conversation, place: Place, before: readonly Turn[], target: Conversation): void {
    const { seq, transcriptAt, sessions, origin } = place;
    const term = target.term + 1;
    const now = this.#now();
    this.#sql.durably(() => {
      this.#messages.copy(source, seq, target);
      for (const turn of before) this.#inherit(target, turn);
      for (const { runIds } of before) this.#parts.uploads.inherit(source.id, runIds, target.id);
      this.#parts.results.inherit(source.id, target.id);
      this.#sql.run(
        `UPDATE conversations SET term = ?, prompted = 1, created_at = ?, updated_at = ?, folded_to = ?,
           base_term = ?, base_seq = ?, forked_thread = ?, forked_run = ?, fork_seq = ?, fork_sessions = ?,
           fork_at = ?, (title, title_by, model, effort, repository) =
             (SELECT title, title_by, model, effort, repository FROM conversations WHERE id = ?)
         WHERE id = ?`,
        ...[term, now, now, seq, seq === 0 ? null : term, seq],
        ...[origin.threadId, origin.runId, seq, JSON.stringify(sessions), transcriptAt],
        ...[source.id, target.id],
      );
    });
    const base = seq === 0 ? null : { term, seq };
    Object.assign(target, {
      ...{ term, prompted: true, base, head: base, foldedTo: seq },
      fork: { from: origin, seq, sessions, at: transcriptAt },
    });
  }

  #inherit(target: Conversation, { place, runIds }: Turn): void {
    for (const runId of runIds)
      this.#sql.run(
        `INSERT INTO inherited_runs (conversation, run_id, before_seq, transcript_at, origin_thread, origin_run)
         VALUES (?, ?, ?, ?, ?, ?)`,
        ...[target.id, runId, place.seq, place.transcriptAt],
        ...[place.origin.threadId, place.origin.runId],
      );
  }

  /** Turns it brought along, then its own, oldest first. */
  #turnsOf(conversation: Conversation): Turn[] {
    const inherited = this.#sql.all(
      'SELECT * FROM inherited_runs WHERE conversation = ? ORDER BY before_seq',
      conversation.id,
    );
    const own = this.#sql.all(
      'SELECT * FROM runs WHERE conversation = ? AND started = 1 ORDER BY coalesce(before_seq, 0)',
      conversation.id,
    );
    return [...inheritedTurns(conversation, inherited), ...ownTurns(conversation, own)];
  }

  #waits(key: ConversationKey, runId: string): boolean {
    return (
      this.#sql.get(
        `SELECT 1 FROM runs r JOIN conversations c ON c.id = r.conversation
         WHERE r.user = ? AND r.run_id = ? AND c.key = ? AND r.started = 0`,
        ...[userOf(key), runId, key],
      ) !== undefined
    );
  }

  #forksAt(user: string, { origin }: Place): number {
    return this.#forksOf(user, origin.threadId).filter((fork) => isAt(fork, origin)).length;
  }

  #forksOf(user: string, threadId: string): SqlRow[] {
    return this.#sql.all(
      `SELECT * FROM conversations WHERE user = ? AND forked_thread = ? AND ${VISIBLE} ORDER BY created_at, id`,
      ...[user, threadId],
    );
  }

  /** It is told as long as it is there, and holds that run: its id may be another conversation's by now. */
  #original(user: string, origin: ForkOrigin): Branch[] {
    const row = this.#sql.get(
      `SELECT c.title, c.created_at FROM conversations c JOIN runs r ON r.conversation = c.id
       WHERE c.key = ? AND ${VISIBLE} AND r.user = ? AND r.run_id = ?`,
      ...[keyOf(user, origin), user, origin.runId],
    );
    return row ? [originalOf(origin, String(row.title), row.created_at)] : [];
  }

  #branchOf(row: SqlRow): Branch {
    const first = this.#sql.get(
      `SELECT run_id FROM runs WHERE conversation = ? AND started = 1
       ORDER BY coalesce(before_seq, 0) LIMIT 1`,
      Number(row.id),
    );
    return branchOf(row, String(row.title), first?.run_id);
  }
}
