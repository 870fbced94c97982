/** Conversations, their runs and their journal. What is in memory here mirrors what is committed, exactly. */
import { interrupted } from '../interrupted.ts';
import {
  type ConversationKey,
  type Lease,
  type NewRow,
  type Position,
  type ReadResult,
  type Row,
  type RunCommand,
  userOf,
} from '../store.ts';
import { faultOf } from './fault-of.ts';
import type { RunTable } from './run-table.ts';
import type { Sql } from './sql.ts';

/** One `append` of the interface, waiting for its commit. */
export interface Append {
  readonly key: ConversationKey;
  readonly term: number;
  readonly rows: readonly NewRow[];
  readonly sync: boolean;
}

interface Conversation {
  readonly id: number;
  readonly sessionId: string;
  term: number;
  prompted: boolean;
  /** Journal ids, by seq − 1. */
  readonly rowIds: number[];
  head: Position | null;
}

export class JournalTables {
  readonly #sql: Sql;
  readonly #runs: RunTable;
  readonly #conversations = new Map<ConversationKey, Conversation>();
  #nextId = 1;

  constructor(sql: Sql, runs: RunTable) {
    this.#sql = sql;
    this.#runs = runs;
    this.#load();
    this.#interruptOpenRuns();
  }

  head(key: ConversationKey): { exists: boolean; head: Position | null } {
    const conversation = this.#conversations.get(key);
    return { exists: conversation?.prompted === true, head: conversation?.head ?? null };
  }

  acquire(key: ConversationKey, newSessionId: string): Lease {
    const conversation = this.#open(key, newSessionId);
    this.#sql.run(
      'UPDATE conversations SET term = ? WHERE id = ?',
      conversation.term + 1,
      conversation.id,
    );
    conversation.term += 1;
    const { term, sessionId } = conversation;
    const rows = this.#runs.openIn(conversation.id).map(interrupted);
    if (rows.length > 0) this.commit([{ key, term, rows, sync: true }]);
    return { key, term, sessionId, head: conversation.head };
  }

  /** Commits many appends at once. Returns the seq of each one's first row; null where the lease is void. */
  commit(appends: readonly Append[]): (number | null)[] {
    const work = () => appends.map((append) => this.#append(append));
    const before = new Map(
      [...this.#touched(appends)].map((c) => [c, { head: c.head, count: c.rowIds.length }]),
    );
    const nextId = this.#nextId;
    try {
      return appends.some(({ sync }) => sync)
        ? this.#sql.durably(work)
        : this.#sql.transaction(work);
    } catch (error) {
      for (const [conversation, { head, count }] of before) {
        conversation.head = head;
        conversation.rowIds.length = count;
      }
      this.#nextId = nextId;
      throw error;
    }
  }

  read(key: ConversationKey, after: Position | null, limit: number): ReadResult {
    const conversation = this.#conversations.get(key);
    const head = conversation?.head ?? null;
    if (after !== null && this.#rowAt(conversation, after.seq)?.term !== after.term)
      return { valid: false, head };
    const from = (after?.seq ?? 0) + 1;
    const count = Math.max(0, Math.min(limit, (head?.seq ?? 0) - from + 1));
    const rows = Array.from({ length: count }, (_, i) => this.#rowAt(conversation, from + i));
    return { valid: true, rows: rows.filter((row) => row !== null), head };
  }

  accept(
    key: ConversationKey,
    command: RunCommand,
    newSessionId: string,
  ): 'accepted' | 'duplicate' | 'conflict' {
    const known = this.#runs.run(userOf(key), command.runId);
    if (known)
      return known.key === key && known.digest === command.digest ? 'duplicate' : 'conflict';
    const conversation = this.#open(key, newSessionId);
    this.#sql.durably(() => {
      this.#sql.run('UPDATE conversations SET prompted = 1 WHERE id = ?', conversation.id);
      this.#runs.insert(userOf(key), conversation.id, command);
    });
    conversation.prompted = true;
    return 'accepted';
  }

  *#touched(appends: readonly Append[]): IterableIterator<Conversation> {
    for (const { key } of appends) {
      const conversation = this.#conversations.get(key);
      if (conversation) yield conversation;
    }
  }

  #append({ key, term, rows }: Append): number | null {
    const conversation = this.#conversations.get(key);
    if (conversation?.term !== term) return null;
    const first = (conversation.head?.seq ?? 0) + 1;
    for (const row of rows) this.#appendRow(key, conversation, row);
    return first;
  }

  #appendRow(
    key: ConversationKey,
    conversation: Conversation,
    { runId, chunk, marks }: NewRow,
  ): void {
    const { id, term, head, rowIds } = conversation;
    const seq = (head?.seq ?? 0) + 1;
    this.#sql.run(
      'INSERT INTO journal (id, conversation, term, seq, run_id, chunk) VALUES (?, ?, ?, ?, ?, ?)',
      ...[this.#nextId, id, term, seq, runId, chunk],
    );
    rowIds.push(this.#nextId);
    conversation.head = { term, seq };
    this.#nextId += 1;
    if (marks === 'runStarted') this.#runs.markStarted(userOf(key), runId, id, head);
    if (marks === 'runEnded') this.#runs.markEnded(userOf(key), runId);
  }

  #load(): void {
    const byId = new Map<number, Conversation>();
    for (const row of this.#sql.all('SELECT * FROM conversations')) {
      const { id, key, session_id: sessionId, term, prompted } = row;
      const conversation = {
        id: Number(id),
        sessionId: String(sessionId),
        term: Number(term),
        prompted: prompted === 1,
        rowIds: [],
        head: null,
      };
      byId.set(conversation.id, conversation);
      this.#conversations.set(String(key) as ConversationKey, conversation);
    }
    for (const row of this.#sql.each(
      'SELECT id, conversation, term, seq FROM journal ORDER BY id',
    )) {
      const conversation = byId.get(Number(row.conversation));
      this.#nextId = Number(row.id) + 1;
      if (!conversation) continue;
      conversation.rowIds.push(Number(row.id));
      conversation.head = { term: Number(row.term), seq: Number(row.seq) };
    }
  }

  /** The server died while these ran: they end with what they had, and are never run again by themselves. */
  #interruptOpenRuns(): void {
    try {
      for (const { key } of this.#runs.open()) this.acquire(key, '');
    } catch (error) {
      // Reading works all the same; who appends to such a conversation acquires it first.
      if (faultOf(error) !== 'store.full') throw error;
    }
  }

  #open(key: ConversationKey, sessionId: string): Conversation {
    const known = this.#conversations.get(key);
    if (known) return known;
    const { lastInsertRowid } = this.#sql.run(
      'INSERT INTO conversations (key, session_id) VALUES (?, ?)',
      key,
      sessionId,
    );
    const conversation = {
      id: Number(lastInsertRowid),
      sessionId,
      term: 0,
      prompted: false,
      rowIds: [],
      head: null,
    };
    this.#conversations.set(key, conversation);
    return conversation;
  }

  #rowAt(conversation: Conversation | undefined, seq: number): Row | null {
    const id = conversation?.rowIds[seq - 1];
    const row =
      id === undefined
        ? undefined
        : this.#sql.get('SELECT term, run_id, chunk FROM journal WHERE id = ?', id);
    return row
      ? { term: Number(row.term), seq, runId: String(row.run_id), chunk: String(row.chunk) }
      : null;
  }
}
