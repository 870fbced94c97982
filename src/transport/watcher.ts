/**
 * One socket's place in one conversation's journal. It reads from its cursor until nothing is left, and is
 * then handed what becomes durable; whenever it cannot follow, it goes back to reading.
 */
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { ConversationKey, Position, Row, Store } from '../store/store.ts';
import { type Audience, type EncodedRow, encodeRow, type Fanout } from './fanout.ts';
import type { Outbox } from './outbox.ts';

/** Of the journal at once: a page of long rows is not to take more memory than a socket may have unsent. */
const READ_ROWS = 256;
const READ_UNITS = 128 * 1024;

export interface WatcherParts {
  readonly key: ConversationKey;
  readonly after: Position | null;
  readonly store: Pick<Store, 'read'>;
  readonly fanout: Fanout;
  readonly outbox: Pick<Outbox, 'push' | 'drained'>;
  /** Whether this socket is to see a run. */
  readonly wants: (runId: string) => boolean;
  readonly onFact: (fact: ConversationFact) => void;
  /** The end of the journal was reached, for the first time. */
  readonly onCaughtUp: (head: Position | null) => void;
  /** No such place in this journal. */
  readonly onInvalid: () => void;
  /** After each row that was sent. */
  readonly onSent: (row: Row) => void;
  readonly onError: (error: unknown) => void;
}

export class Watcher implements Audience {
  readonly key: ConversationKey;
  readonly #parts: WatcherParts;
  readonly #leave: () => void;
  #at: Position | null;
  #mode: 'reading' | 'live' | 'closed' = 'reading';
  #dirty = true;
  #caughtUp = false;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.key = parts.key;
    this.#at = parts.after;
    this.#leave = parts.fanout.join(parts.key, this);
    this.#read();
  }

  /** The last row that was sent, or that is not for this socket. */
  get at(): Position | null {
    return this.#at;
  }

  close(): void {
    this.#mode = 'closed';
    this.#leave();
  }

  onFact(fact: ConversationFact): void {
    this.#parts.onFact(fact);
  }

  onFailed(error: unknown): void {
    this.#parts.onError(error);
  }

  onRows(rows: readonly EncodedRow[] | null): void {
    const next = rows?.[0]?.row.seq;
    if (this.#mode === 'live' && rows !== null && next === (this.#at?.seq ?? 0) + 1) {
      if (!this.#send(rows)) this.#read();
      return;
    }
    this.#dirty = true;
    if (this.#mode === 'live') this.#read();
  }

  #read(): void {
    if (this.#mode === 'closed') return;
    this.#mode = 'reading';
    this.#readAll().catch(this.#parts.onError);
  }

  async #readAll(): Promise<void> {
    const { store, key, outbox } = this.#parts;
    do {
      this.#dirty = false;
      await outbox.drained;
      const page = await store.read(key, this.#at, READ_ROWS, READ_UNITS);
      if (this.#mode === 'closed') return;
      if (!page.valid) return this.#parts.onInvalid();
      if (page.rows.length > 0) this.#dirty = true;
      this.#send(page.rows.map(encodeRow));
      if (this.#mode !== 'reading') return;
    } while (this.#dirty);
    this.#mode = 'live';
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#parts.onCaughtUp(this.#at);
  }

  /** False: the outbox is full, and what is left must be read again. */
  #send(rows: readonly EncodedRow[]): boolean {
    for (const encoded of rows) {
      if (this.#mode === 'closed') return true;
      const { row } = encoded;
      const wanted = this.#parts.wants(row.runId);
      if (wanted && !this.#parts.outbox.push(encoded)) return false;
      this.#at = row;
      if (wanted) this.#parts.onSent(row);
    }
    return true;
  }
}
