/**
 * The conversations, as they are in memory: which rows of the journal are theirs, and where their turns begin
 * and end. It mirrors what is committed, exactly: whoever changes it inside a transaction keeps a way back.
 */
import type { ForkOrigin } from '../history.ts';
import { type ConversationKey, type ForkPlace, type Position, userOf } from '../store.ts';
import type { Sql, SqlRow } from './sql.ts';

export interface Conversation {
  readonly id: number;
  readonly key: ConversationKey;
  sessionId: string;
  term: number;
  /** A process may be warmed for a conversation before anyone said a word in it. */
  prompted: boolean;
  /** The last row that is no longer in the journal. */
  base: Position | null;
  head: Position | null;
  /** Ids of the journal's rows, from the one after `base` on. */
  rowIds: number[];
  /** The row before the last turn. */
  turnBefore: Position | null;
  /** Ends of turns that are still in the journal, oldest first. `at`: epoch ms. */
  turnEnds: { readonly seq: number; readonly at: number }[];
  /** All rows up to this one are kept as messages. */
  foldedTo: number;
  fork: Fork | null;
}

/** `seq`: the last row it brought along. */
export interface Fork extends ForkPlace {
  readonly from: ForkOrigin;
  readonly seq: number;
}

export class Conversations {
  readonly #sql: Sql;
  readonly #now: () => number;
  readonly #byKey = new Map<ConversationKey, Conversation>();
  /** Those with a turn that ended and is not among the messages yet. */
  readonly toFold = new Set<Conversation>();
  /** The id of the next journal row, of whichever conversation. */
  nextRowId = 1;

  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    this.#load();
  }

  get(key: ConversationKey): Conversation | undefined {
    return this.#byKey.get(key);
  }

  all(): IterableIterator<Conversation> {
    return this.#byKey.values();
  }

  /** Finds or makes it. */
  open(key: ConversationKey, sessionId: string): Conversation {
    const known = this.#byKey.get(key);
    if (known) return known;
    const now = this.#now();
    const { lastInsertRowid } = this.#sql.run(
      'INSERT INTO conversations (key, user, session_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
      ...[key, userOf(key), sessionId, now, now],
    );
    const conversation = fresh(Number(lastInsertRowid), key, sessionId);
    this.#byKey.set(key, conversation);
    return conversation;
  }

  #load(): void {
    const byId = new Map<number, Conversation>();
    for (const row of this.#sql.all('SELECT * FROM conversations')) {
      const conversation = conversationOf(row);
      byId.set(conversation.id, conversation);
      this.#byKey.set(conversation.key, conversation);
    }
    for (const { id, conversation, term, seq } of this.#sql.each(
      'SELECT id, conversation, term, seq FROM journal ORDER BY id',
    )) {
      this.nextRowId = Number(id) + 1;
      const owner = byId.get(Number(conversation));
      owner?.rowIds.push(Number(id));
      if (owner) owner.head = { term: Number(term), seq: Number(seq) };
    }
    for (const { conversation, turn_end, turn_ended_at } of this.#sql.each(
      `SELECT r.conversation, r.turn_end, r.turn_ended_at FROM runs r JOIN conversations c ON c.id = r.conversation
       WHERE r.turn_end > c.base_seq ORDER BY r.turn_end`,
    )) {
      const owner = byId.get(Number(conversation));
      const end = { seq: Number(turn_end), at: Number(turn_ended_at) };
      owner?.turnEnds.push(end);
      if (owner && end.seq > owner.foldedTo) this.toFold.add(owner);
    }
  }
}

function fresh(id: number, key: ConversationKey, sessionId: string): Conversation {
  return {
    id,
    key,
    sessionId,
    term: 0,
    prompted: false,
    base: null,
    head: null,
    rowIds: [],
    turnBefore: null,
    turnEnds: [],
    foldedTo: 0,
    fork: null,
  };
}

function conversationOf(row: SqlRow): Conversation {
  const base =
    row.base_term === null ? null : { term: Number(row.base_term), seq: Number(row.base_seq) };
  return {
    ...fresh(Number(row.id), String(row.key) as ConversationKey, String(row.session_id)),
    term: Number(row.term),
    prompted: row.prompted === 1,
    base,
    head: base,
    turnBefore:
      row.turn_term === null ? null : { term: Number(row.turn_term), seq: Number(row.turn_seq) },
    foldedTo: Number(row.folded_to),
    fork: forkOf(row),
  };
}

function forkOf(row: SqlRow): Fork | null {
  if (row.forked_thread === null) return null;
  return {
    from: { threadId: String(row.forked_thread), runId: String(row.forked_run) },
    seq: Number(row.fork_seq),
    sessions: JSON.parse(String(row.fork_sessions)) as string[],
    at: row.fork_at === null ? null : String(row.fork_at),
  };
}
