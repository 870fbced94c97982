/** The journal: who may append, what is appended, and reading on from a cursor. */
import { randomUUID } from 'node:crypto';
import { endsTurn } from '../fold.ts';
import { cutOffQuestion, interrupted } from '../interrupted.ts';
import {
  type ConversationKey,
  type Lease,
  type NewRow,
  type Position,
  type ReadResult,
  type Row,
  threadOf,
  userOf,
} from '../store.ts';
import type { ChargeTable } from './charge-table.ts';
import type { Conversation, Conversations } from './conversations.ts';
import { faultOf } from './fault-of.ts';
import type { ResultTable } from './result-table.ts';
import type { RunTable } from './run-table.ts';
import type { Sql } from './sql.ts';

/** One `append` of the interface, waiting for its commit. */
export interface Append {
  readonly key: ConversationKey;
  readonly term: number;
  readonly rows: readonly NewRow[];
  readonly sync: boolean;
}

export interface JournalParts {
  readonly sql: Sql;
  readonly conversations: Conversations;
  readonly runs: RunTable;
  readonly results: ResultTable;
  readonly charges: ChargeTable;
  readonly now: () => number;
}

export class JournalTables {
  readonly #sql: Sql;
  readonly #conversations: Conversations;
  readonly #runs: RunTable;
  readonly #results: ResultTable;
  readonly #charges: ChargeTable;
  readonly #now: () => number;

  constructor({ sql, conversations, runs, results, charges, now }: JournalParts) {
    this.#sql = sql;
    this.#conversations = conversations;
    this.#runs = runs;
    this.#results = results;
    this.#charges = charges;
    this.#now = now;
  }

  head(key: ConversationKey): { exists: boolean; head: Position | null } {
    const conversation = this.#conversations.get(key);
    return { exists: conversation?.prompted === true, head: conversation?.head ?? null };
  }

  acquire(key: ConversationKey, newSessionId: string): Lease {
    const conversation = this.#conversations.open(key, newSessionId);
    this.#sql.run(
      'UPDATE conversations SET term = ? WHERE id = ?',
      conversation.term + 1,
      conversation.id,
    );
    conversation.term += 1;
    const { term, sessionId, fork } = conversation;
    const rows = this.#missingEnd(conversation);
    if (rows.length > 0) this.commit([{ key, term, rows, sync: true }]);
    const place = fork && { sessions: fork.sessions, at: fork.at };
    return { key, term, sessionId, head: conversation.head, fork: place };
  }

  /** After the server died: what it left open is never run again by itself. */
  endCutOffTurns(): void {
    try {
      for (const conversation of this.#conversations.all())
        if (this.#missingEnd(conversation).length > 0) this.acquire(conversation.key, '');
    } catch (error) {
      // Reading works all the same; who appends to such a conversation acquires it first.
      if (faultOf(error) !== 'store.full') throw error;
    }
  }

  /** Commits many appends at once. Returns the seq of each one's first row; null where the lease is void. */
  commit(appends: readonly Append[]): (number | null)[] {
    const undo = appends.map(({ key }) => this.#memoryOf(key));
    const { nextRowId } = this.#conversations;
    const work = () => appends.map((append) => this.#append(append));
    try {
      return appends.some(({ sync }) => sync)
        ? this.#sql.durably(work)
        : this.#sql.transaction(work);
    } catch (error) {
      for (const restore of undo.reverse()) restore();
      this.#conversations.nextRowId = nextRowId;
      throw error;
    }
  }

  read(
    key: ConversationKey,
    after: Position | null,
    limit: number,
    unitsMax = Number.POSITIVE_INFINITY,
  ): ReadResult {
    const conversation = this.#conversations.get(key);
    const head = conversation?.head ?? null;
    if (!this.#isPlace(conversation, after)) return { valid: false, head };
    const rows: Row[] = [];
    let units = 0;
    for (const row of this.rows(conversation, after?.seq ?? 0, limit)) {
      rows.push(row);
      units += row.chunk.length;
      if (units >= unitsMax) break;
    }
    return { valid: true, rows, head };
  }

  /** Rows after `after`, which must be at or past the base. */
  *rows(
    conversation: Conversation | undefined,
    after: number,
    limit = Number.POSITIVE_INFINITY,
  ): IterableIterator<Row> {
    const last = Math.min(conversation?.head?.seq ?? 0, after + limit);
    for (let seq = after + 1; seq <= last; seq++) {
      const row = this.rowAt(conversation, seq);
      if (row) yield row;
    }
  }

  rowAt(conversation: Conversation | undefined, seq: number): Row | null {
    const id = conversation?.rowIds[seq - 1 - (conversation.base?.seq ?? 0)];
    const row =
      id === undefined
        ? undefined
        : this.#sql.get('SELECT term, run_id, chunk FROM journal WHERE id = ?', id);
    return row
      ? { term: Number(row.term), seq, runId: String(row.run_id), chunk: String(row.chunk) }
      : null;
  }

  /** A place that can be read on from: the base itself, or a row that is still here. */
  #isPlace(conversation: Conversation | undefined, after: Position | null): boolean {
    const base = conversation?.base ?? null;
    if (after === null || after.seq === base?.seq) return after?.term === base?.term;
    return this.rowAt(conversation, after.seq)?.term === after.term;
  }

  /** What must follow before anything else does, where the last owner has gone in the middle of a turn. */
  #missingEnd(conversation: Conversation): NewRow[] {
    const { id, key, head, turnEnds } = conversation;
    if (turnEnds.at(-1)?.seq === head?.seq) return [];
    const open = this.#runs.openIn(id);
    const last = this.rowAt(conversation, head?.seq ?? 0);
    if (open.length > 0 || last === null) return open.map(interrupted);
    return cutOffQuestion(key, last, randomUUID());
  }

  #append({ key, term, rows }: Append): number | null {
    const conversation = this.#conversations.get(key);
    if (conversation?.term !== term) return null;
    const first = (conversation.head?.seq ?? 0) + 1;
    for (const row of rows) this.#appendRow(conversation, row);
    return first;
  }

  #appendRow(conversation: Conversation, row: NewRow): void {
    const { id, term, head, rowIds } = conversation;
    const seq = (head?.seq ?? 0) + 1;
    const rowId = this.#conversations.nextRowId;
    this.#sql.run(
      'INSERT INTO journal (id, conversation, term, seq, run_id, chunk) VALUES (?, ?, ?, ?, ?, ?)',
      ...[rowId, id, term, seq, row.runId, row.chunk],
    );
    this.#conversations.nextRowId += 1;
    rowIds.push(rowId);
    conversation.head = { term, seq };
    if (row.result) this.#results.insert(id, row.result);
    if (row.marks === 'runStarted') this.#runStarted(conversation, row, head);
    if (row.marks === 'runEnded') this.#runEnded(conversation, row, seq);
  }

  #runStarted(conversation: Conversation, { runId, chunk }: NewRow, before: Position | null): void {
    const { id, key } = conversation;
    this.#runs.markStarted(userOf(key), runId, id, before);
    this.#charges.open(userOf(key), runId, threadOf(key), this.#now());
    if (JSON.parse(chunk).parentRunId !== undefined) return; // it goes on from a question
    this.#sql.run(
      'UPDATE conversations SET turn_term = ?, turn_seq = ? WHERE id = ?',
      ...[before?.term ?? null, before?.seq ?? null, id],
    );
    conversation.turnBefore = before;
  }

  #runEnded(conversation: Conversation, row: NewRow, seq: number): void {
    const { runId, chunk, transcriptAt = null, spent = null } = row;
    const { id, key } = conversation;
    this.#runs.markEnded(userOf(key), runId, transcriptAt);
    this.#charges.close(userOf(key), runId, spent);
    const now = this.#now();
    this.#sql.run(
      'UPDATE conversations SET updated_at = ?, ended_at = ? WHERE id = ?',
      now,
      now,
      id,
    );
    if (!endsTurn(chunk)) return;
    this.#conversations.toFold.add(conversation);
    conversation.turnEnds.push({ seq, at: this.#runs.markTurnEnded(userOf(key), runId, seq) });
  }

  /** What a failed commit must put back. */
  #memoryOf(key: ConversationKey): () => void {
    const conversation = this.#conversations.get(key);
    if (!conversation) return () => {};
    const { head, turnBefore } = conversation;
    const [rows, ends] = [conversation.rowIds.length, conversation.turnEnds.length];
    return () => {
      Object.assign(conversation, { head, turnBefore });
      conversation.rowIds.length = rows;
      conversation.turnEnds.length = ends;
    };
  }
}
