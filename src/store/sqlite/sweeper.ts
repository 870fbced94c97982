/** What has had its time: frames of turns that are kept as messages, and conversations nobody wants any more. */
import type { SweepRules, Swept } from '../history.ts';
import { type Position, threadOf, userOf } from '../store.ts';
import type { ChargeTable } from './charge-table.ts';
import type { Conversation, Conversations } from './conversations.ts';
import type { ForkTable } from './fork-table.ts';
import type { JournalTables } from './journal-tables.ts';
import type { MessageTable } from './message-table.ts';
import type { ResultTable } from './result-table.ts';
import type { RunTable } from './run-table.ts';
import type { SignInTable } from './sign-in-table.ts';
import type { Sql } from './sql.ts';
import type { UploadTable } from './upload-table.ts';
import type { UsageTable } from './usage-table.ts';

const UNUSED = `SELECT key FROM conversations WHERE updated_at < ? AND prompted = 1
  AND id NOT IN (SELECT conversation FROM runs WHERE ended = 0)`;

const NOTHING: Swept = { more: false, forgotten: null };

export interface SweeperParts {
  readonly sql: Sql;
  readonly conversations: Conversations;
  readonly journal: JournalTables;
  readonly messages: MessageTable;
  readonly forks: ForkTable;
  readonly results: ResultTable;
  readonly runs: RunTable;
  readonly uploads: UploadTable;
  readonly charges: ChargeTable;
  readonly usage: UsageTable;
  readonly signIns: SignInTable;
}

export class Sweeper {
  readonly #parts: SweeperParts;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** One turn, or one conversation, at a time: others wait for the database meanwhile. */
  sweep(rules: SweepRules, newSessionId: string): Swept {
    if (this.#parts.messages.foldOne()) return { more: true, forgotten: null };
    const unwanted = this.#unwanted(rules);
    if (unwanted) return { more: true, forgotten: this.#forget(unwanted, newSessionId) };
    for (const conversation of this.#parts.conversations.all())
      if (this.#compactTurn(conversation, rules.endedBefore))
        return { more: true, forgotten: null };
    if (this.#parts.usage.foldOld()) return { more: true, forgotten: null };
    if (this.#parts.uploads.forgetUnnamed()) return { more: true, forgotten: null };
    this.#parts.signIns.forgetExpired();
    return NOTHING;
  }

  #unwanted({ deletedBefore, unusedSince }: SweepRules): Conversation | undefined {
    const row =
      this.#parts.sql.get('SELECT key FROM conversations WHERE deleted_at < ?', deletedBefore) ??
      (unusedSince === null ? undefined : this.#parts.sql.get(UNUSED, unusedSince));
    return row && this.#parts.conversations.get(String(row.key) as Conversation['key']);
  }

  #compactTurn(conversation: Conversation, endedBefore: number): boolean {
    const [end] = conversation.turnEnds;
    if (!end || end.at >= endedBefore || end.seq > conversation.foldedTo) return false;
    const row = this.#parts.journal.rowAt(conversation, end.seq);
    if (!row) throw new Error(`the journal has no row ${end.seq} of a conversation`);
    const base = { term: row.term, seq: end.seq };
    this.#parts.sql.transaction(() => this.#cut(conversation, base));
    this.#wasCut(conversation, base);
    return true;
  }

  /**
   * Keeps the place, so that whoever writes there next goes on behind it: a cursor of what is gone never fits
   * what comes.
   */
  #forget(conversation: Conversation, newSessionId: string): Swept['forgotten'] {
    const { sql, messages, results, forks, runs, uploads, charges } = this.#parts;
    const { id, key, sessionId } = conversation;
    const term = conversation.term + 1;
    const base = { term, seq: conversation.head?.seq ?? 0 };
    sql.transaction(() => {
      this.#cut(conversation, base);
      messages.forgetAll(conversation);
      results.forgetAll(id);
      runs.forgetAll(id);
      charges.closeThread(userOf(key), threadOf(key));
      uploads.forgetAll(id);
      forks.forgetAll(id);
      sql.run(
        `UPDATE conversations SET session_id = ?, term = ?, prompted = 0, title = NULL, title_by = NULL,
           model = NULL, effort = NULL, repository = NULL, deleted_at = NULL, folded_to = ?, turn_term = NULL, turn_seq = NULL WHERE id = ?`,
        ...[newSessionId, term, base.seq, id],
      );
    });
    this.#wasCut(conversation, base);
    Object.assign(conversation, {
      ...{ sessionId: newSessionId, term, prompted: false },
      ...{ head: base, foldedTo: base.seq, turnBefore: null, fork: null },
    });
    return { key, sessionId };
  }

  #cut({ id, rowIds, base }: Conversation, to: Position): void {
    const { sql } = this.#parts;
    for (const rowId of rowIds.slice(0, to.seq - (base?.seq ?? 0)))
      sql.run('DELETE FROM journal WHERE id = ?', rowId);
    sql.run(
      'UPDATE conversations SET base_term = ?, base_seq = ? WHERE id = ?',
      ...[to.term, to.seq, id],
    );
  }

  #wasCut(conversation: Conversation, base: Position): void {
    conversation.rowIds = conversation.rowIds.slice(base.seq - (conversation.base?.seq ?? 0));
    conversation.turnEnds = conversation.turnEnds.filter(({ seq }) => seq > base.seq);
    conversation.base = base;
  }
}
