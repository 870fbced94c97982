/** The journal of all conversations, for this node: which it may append to, what is appended, and reading on. */
import { setTimeout as pause } from 'node:timers/promises';
import { faultIn } from '../../faults.ts';
import { HeldElsewhere } from '../cluster.ts';
import {
  type ConversationKey,
  type Lease,
  type NewRow,
  type Position,
  type ReadResult,
  type Row,
  userOf,
} from '../store.ts';
import { Tails } from '../tails.ts';
import { AppendBatcher, type Held, leaseLost } from './append-batcher.ts';
import { find } from './conversations.ts';
import type { Database } from './database.ts';
import type { NoticeBoard } from './notices.ts';
import { declareDead, endOneCutOff, giveUp, type Taken, take } from './ownership.ts';
import { type Addition, read, rowsAdded } from './rows.ts';

/** Between two tries of what only this node can do. */
const RETRY_MS = 200;

/** This node's own lease, which all its leases of conversations are part of. */
export interface Membership {
  /** Another one after the lease was lost. */
  readonly node: string;
  readonly isMember: boolean;
  /** Until when it is good, by `performance.now()`. */
  deadline(): number;
  onLost(listener: () => void): () => void;
}

export interface JournalParts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly now: () => number;
  readonly membership: Membership;
}

export class PostgresJournal {
  readonly #parts: JournalParts;
  readonly #batcher: AppendBatcher;
  readonly #tails = new Tails();
  readonly #held = new Map<ConversationKey, Held>();

  constructor(parts: JournalParts) {
    const { db, board, now, membership } = parts;
    this.#parts = parts;
    this.#batcher = new AppendBatcher({
      ...{ db, now },
      deadline: () => membership.deadline(),
      onAppended: (addition, watched) => this.#appended(addition, watched),
    });
    membership.onLost(() => this.#loseAll());
    // Of its own rows who reads here has heard already.
    board.on('appended', (key) => this.#held.has(key) || this.#tails.tell(key, null));
  }

  async head(key: ConversationKey): Promise<{ exists: boolean; head: Position | null }> {
    const conversation = await find(this.#parts.db, key);
    return { exists: conversation?.prompted === true, head: conversation?.head ?? null };
  }

  async acquire(key: ConversationKey): Promise<Lease> {
    const { db, now, membership } = this.#parts;
    const { node } = membership;
    if (!membership.isMember) throw leaseLost();
    const taken = await db.transaction((sql) => take(sql, key, node, now));
    if ('heldBy' in taken) throw new HeldElsewhere(taken.heldBy);
    if (membership.node !== node) throw leaseLost();
    this.#hold(taken);
    this.#endedTurn(taken);
    const { sessionId, fork } = taken.conversation;
    const place = fork && { sessions: fork.sessions, at: fork.at };
    return { key, term: taken.term, head: taken.head, sessionId, fork: place };
  }

  async release({ key, term }: Lease): Promise<void> {
    const { db, now } = this.#parts;
    const held = this.#held.get(key);
    if (held?.term !== term) return;
    this.#held.delete(key);
    held.lost = true;
    const given = await this.#patiently(() => db.transaction((sql) => giveUp(sql, held, now)));
    if (given) this.#endedTurn(given);
  }

  /** As long as the lease lasts nobody else would do it. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isOver = performance.now() >= this.#parts.membership.deadline();
        if (isOver || faultIn(error) !== 'store.unavailable') throw error;
        await pause(RETRY_MS);
      }
    }
  }

  async append({ key, term }: Lease, rows: readonly NewRow[]): Promise<void> {
    const held = this.#held.get(key);
    if (held?.term !== term || held.lost) throw leaseLost();
    if (performance.now() >= this.#parts.membership.deadline()) throw leaseLost();
    if (rows.length > 0) await this.#batcher.append(held, rows);
  }

  read(...asked: ReadArguments): Promise<ReadResult> {
    return read(this.#parts.db, ...asked);
  }

  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void {
    return this.#tails.join(key, onAppended);
  }

  /** Ends what nodes that have gone left in the middle: it is never run again by itself. */
  async endCutOffTurns(): Promise<void> {
    const { db, now, membership } = this.#parts;
    await declareDead(db);
    for (;;) {
      const { node } = membership;
      const taken = await db.transaction((sql) => endOneCutOff(sql, node, now));
      if (taken === null) return;
      this.#endedTurn(taken);
    }
  }

  #hold({ conversation: { id, key }, node, term, head }: Taken): void {
    const before = this.#held.get(key);
    if (before) before.lost = true;
    this.#held.set(key, {
      ...{ conversation: id, key, node, term, head },
      ...{ lost: false, waiting: [], underWay: false },
    });
  }

  /** What is under way may still come through, under a right that nobody has taken yet. */
  #loseAll(): void {
    for (const held of this.#held.values()) held.lost = true;
    this.#held.clear();
  }

  #appended(addition: Addition, watched: boolean): void {
    const { key, rows } = addition;
    this.#tails.tell(key, rowsAdded(addition));
    if (watched) this.#parts.board.tell('appended', key);
    const marks = rows.flatMap((row) => row.marks ?? []);
    if (marks.length === 0) return;
    this.#parts.board.tell('changed', key);
    this.#parts.board.tell('charged', userOf(key), marks.includes('runEnded'));
  }

  /** Those who watch are to read what was added; here, as nobody has it at hand. */
  #endedTurn({ conversation: { key }, ended }: Taken): void {
    if (ended === null) return;
    this.#tails.tell(key, null);
    if (ended.watched) this.#parts.board.tell('appended', key);
    this.#parts.board.tell('changed', key);
    this.#parts.board.tell('charged', userOf(key), true);
  }
}

type ReadArguments = [
  key: ConversationKey,
  after: Position | null,
  limit: number,
  unitsMax?: number,
];
