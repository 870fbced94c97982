/**
 * From the journal to everyone who watches: each durable row is made into its frame once, and that buffer
 * goes to every watcher who is up to date. The others read the journal in their own time.
 */
import type { ConversationFact } from '../store/conversation-fact.ts';
import { type ConversationKey, encodeCursor, type Row, type Store } from '../store/store.ts';
import { textFrame } from './frame.ts';

/** A row and the bytes of its frame. */
export interface EncodedRow {
  readonly row: Row;
  readonly frame: Buffer;
}

export interface Audience {
  /** Rows that just became durable, in order; null when only the fact is known. */
  onRows(rows: readonly EncodedRow[] | null): void;
  onFact(fact: ConversationFact): void;
  /** It threw while it was told: a bug that must end it alone. */
  onFailed?(error: unknown): void;
}

interface Topic {
  readonly audience: Set<Audience>;
  readonly stop: () => void;
  /** Of the last row that became durable since somebody watches; 0: none has. */
  readonly lastSeq: () => number;
}

export class Fanout {
  readonly #store: Pick<Store, 'tail'>;
  readonly #topics = new Map<ConversationKey, Topic>();

  constructor(store: Pick<Store, 'tail'>) {
    this.#store = store;
  }

  /** Returns the end of it. Subscribe first, then read: what is appended in between is then told. */
  join(key: ConversationKey, member: Audience): () => void {
    const topic = this.#topics.get(key) ?? this.#open(key);
    topic.audience.add(member);
    return () => {
      topic.audience.delete(member);
      if (topic.audience.size > 0 || this.#topics.get(key) !== topic) return;
      topic.stop();
      this.#topics.delete(key);
    };
  }

  isWatched(key: ConversationKey): boolean {
    return this.#topics.has(key);
  }

  get watched(): ConversationKey[] {
    return [...this.#topics.keys()];
  }

  tell(key: ConversationKey, fact: ConversationFact): void {
    for (const member of this.#topics.get(key)?.audience ?? []) {
      tellAlone(member, () => member.onFact(fact));
    }
  }

  /** How many rows of what is watched have become durable that one who has come to `seq` was not sent. */
  behind(key: ConversationKey, seq: number): number {
    return Math.max(0, (this.#topics.get(key)?.lastSeq() ?? 0) - seq);
  }

  #open(key: ConversationKey): Topic {
    const audience = new Set<Audience>();
    let lastSeq = 0;
    const stop = this.#store.tail(key, (rows) => {
      lastSeq = rows?.at(-1)?.seq ?? lastSeq;
      const encoded = rows?.map(encodeRow) ?? null;
      for (const member of audience) tellAlone(member, () => member.onRows(encoded));
    });
    const topic = { audience, stop, lastSeq: () => lastSeq };
    this.#topics.set(key, topic);
    return topic;
  }
}

function tellAlone(member: Audience, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    member.onFailed?.(error);
  }
}

/** The chunk is spliced in as it was stored, so live delivery and replay are the same bytes. */
export function encodeRow(row: Row): EncodedRow {
  return { row, frame: textFrame(`{"id":"${encodeCursor(row)}","chunk":${row.chunk}}`) };
}
