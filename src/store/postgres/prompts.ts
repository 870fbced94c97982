/** Prompts between their acceptance and their start: kept before anything acts on them, or taken back whole. */
import {
  type Accepted,
  type ConversationKey,
  type RunCommand,
  type RunRecord,
  userOf,
} from '../store.ts';
import { titleOf } from '../titles.ts';
import { giveBackCharge } from './charges.ts';
import { lock, open, titleValues } from './conversations.ts';
import type { Database, Sql } from './database.ts';
import type { Membership, PostgresJournal } from './journal.ts';
import type { NoticeBoard } from './notices.ts';
import { declareDead } from './ownership.ts';
import * as runs from './runs.ts';
import { nameUploads, refusal, withdrawUploads } from './uploads.ts';

export interface PromptsParts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly now: () => number;
  readonly membership: Membership;
  readonly journal: PostgresJournal;
}

export class PostgresPrompts {
  readonly #parts: PromptsParts;

  constructor(parts: PromptsParts) {
    this.#parts = parts;
  }

  accept(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#keep(key, command, false);
  }

  park(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#keep(key, command, true);
  }

  unpark(key: ConversationKey, runId: string): Promise<boolean> {
    const { db, membership, now } = this.#parts;
    return runs.unparkRun(db, membership.node, userOf(key), runId, now());
  }

  async withdraw(key: ConversationKey, runId: string): Promise<boolean> {
    const { db, board } = this.#parts;
    const withdrawn = await db.transaction((sql) => this.#withdraw(sql, key, runId));
    board.tell('changed', key);
    board.tell('charged', userOf(key), true);
    return withdrawn;
  }

  run(user: string, runId: string): Promise<RunRecord | null> {
    return runs.runOf(this.#parts.db, user, runId);
  }

  async waiting(): Promise<RunRecord[]> {
    const { db, membership, journal } = this.#parts;
    await journal.endCutOffTurns();
    return runs.claimRuns(db, membership.node, false);
  }

  async parked(): Promise<RunRecord[]> {
    const { db, membership } = this.#parts;
    await declareDead(db);
    return runs.claimRuns(db, membership.node, true);
  }

  async #keep(key: ConversationKey, command: RunCommand, parked: boolean): Promise<Accepted> {
    const { db, board } = this.#parts;
    const kept = await db.transaction((sql) => this.#insert(sql, key, command, parked));
    if (kept === 'accepted') board.tell('changed', key);
    return kept;
  }

  async #insert(
    sql: Sql,
    key: ConversationKey,
    command: RunCommand,
    parked: boolean,
  ): Promise<Accepted> {
    const user = userOf(key);
    const { runId, text, images = [] } = command;
    const known = await runs.runOf(sql, user, runId);
    if (known) return this.#again(sql, key, known, command, parked);
    const refused = await refusal(sql, user, images);
    if (refused !== null) return refused;
    const { id: conversation } = await open(sql, key, this.#parts.now());
    const { node } = this.#parts.membership;
    const now = this.#parts.now();
    if (!(await runs.insertRun(sql, { ...command, key, conversation, parked, node, now }))) {
      const first = await runs.runOf(sql, user, runId); // the same one, at the same time
      return first ? this.#again(sql, key, first, command, parked) : 'conflict';
    }
    const title = titleOf(text, images.length);
    // One that its user just deleted, and then wrote in, is wanted after all.
    await sql.run(
      `UPDATE conversations SET prompted = true, deleted_at = NULL, updated_at = $2,
         title_plain = CASE WHEN title_json IS NULL THEN $4 ELSE title_plain END,
         title_json = coalesce(title_json, $3), title_by = coalesce(title_by, 'prompt') WHERE id = $1`,
      ...[conversation, now, ...titleValues(title)],
    );
    await nameUploads(sql, user, runId, conversation, images);
    return 'accepted';
  }

  async #again(
    sql: Sql,
    key: ConversationKey,
    known: RunRecord,
    { runId, digest }: RunCommand,
    parked: boolean,
  ): Promise<Accepted> {
    if (known.key !== key || known.digest !== digest) return 'conflict';
    const user = userOf(key);
    if (!parked || !(await runs.parkRun(sql, this.#parts.membership.node, user, runId)))
      return 'duplicate';
    await giveBackCharge(sql, user, runId);
    return 'accepted';
  }

  /** A conversation that has nothing else was never begun. */
  async #withdraw(sql: Sql, key: ConversationKey, runId: string): Promise<boolean> {
    const conversation = await lock(sql, key);
    if (!conversation) return false;
    const user = userOf(key);
    const withdrawn = await runs.withdrawRun(sql, user, runId);
    if (withdrawn) {
      await withdrawUploads(sql, user, runId, conversation.id, this.#parts.now());
      await giveBackCharge(sql, user, runId);
    }
    if (conversation.head !== null || conversation.fork !== null) return withdrawn;
    if (await runs.hasRuns(sql, conversation.id)) return withdrawn;
    await sql.run(
      'UPDATE conversations SET prompted = false, title_json = NULL, title_plain = NULL, title_by = NULL WHERE id = $1',
      conversation.id,
    );
    return withdrawn;
  }
}
