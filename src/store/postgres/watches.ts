/**
 * Which conversations are watched here while another node may append to them: the owner tells of new rows only where
 * somebody watches, and what was not heard is found by comparing heads.
 */
import type { ConversationKey } from '../store.ts';
import type { Sql } from './database.ts';
import { often } from './often.ts';

export interface WatchesParts {
  /** Rows are made and removed over it: that may wait for a lock. */
  readonly db: Sql;
  readonly line: Sql;
  readonly node: () => string;
  readonly onAppended: (key: ConversationKey) => void;
}

export class Watches {
  readonly #parts: WatchesParts;
  readonly #counts = new Map<ConversationKey, number>();
  /** Those that the database knows of, by the conversation's id. */
  readonly #made = new Map<ConversationKey, number>();
  readonly #heads = new Map<ConversationKey, string>();
  #writing = false;
  #changed = false;

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  /** Returns the end of it. */
  watch(key: ConversationKey): () => void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#writeSoon();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
      this.#writeSoon();
    };
  }

  /** The node has another id: what it watched as `before` it does not any more. */
  async again(before: string): Promise<void> {
    this.#made.clear();
    this.#writeSoon();
    await this.#parts.db.run('DELETE FROM watches WHERE node = $1', before);
  }

  /**
   * Tells of conversations that have grown since the last time, or that it sees for the first time: between the
   * wish to watch and the row that says so nobody would have told.
   */
  async poll(): Promise<void> {
    const { line, node, onAppended } = this.#parts;
    // A conversation that did not exist when it was asked for, or what could not be written.
    if (this.#wanted().length + this.#unwanted().length > 0) this.#writeSoon();
    if (this.#made.size === 0) return;
    const places = await line.all<{ key: ConversationKey; head: string }>(
      often(`SELECT c.key, p.term || '.' || p.head_seq AS head FROM places p JOIN conversations c ON c.id = p.conversation
         WHERE p.conversation = ANY($1) AND p.owner IS DISTINCT FROM $2`),
      ...[[...this.#made.values()], node()],
    );
    for (const { key, head } of places) {
      if (!this.#counts.has(key) || this.#heads.get(key) === head) continue;
      this.#heads.set(key, head);
      onAppended(key);
    }
  }

  #wanted(): ConversationKey[] {
    return [...this.#counts.keys()].filter((key) => !this.#made.has(key));
  }

  #unwanted(): ConversationKey[] {
    return [...this.#made.keys()].filter((key) => !this.#counts.has(key));
  }

  /** Many that come together are written together. */
  #writeSoon(): void {
    this.#changed = true;
    if (this.#writing) return;
    this.#writing = true;
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      try {
        await this.#make(this.#wanted());
        await this.#remove(this.#unwanted());
      } catch {
        // The next poll tries again.
      }
    }
    this.#writing = false;
  }

  async #make(keys: ConversationKey[]): Promise<void> {
    if (keys.length === 0) return;
    const { db, node } = this.#parts;
    const id = node();
    const made = await db.all<{ id: number; key: ConversationKey }>(
      often(`WITH found AS (SELECT id, key FROM conversations WHERE key = ANY($1) ORDER BY id),
         made AS (INSERT INTO watches (conversation, node) SELECT id, $2 FROM found ON CONFLICT DO NOTHING)
       SELECT id, key FROM found`),
      ...[keys, id],
    );
    if (id === node()) for (const { id, key } of made) this.#made.set(key, id);
  }

  async #remove(keys: ConversationKey[]): Promise<void> {
    if (keys.length === 0) return;
    const { db, node } = this.#parts;
    const ids = keys.flatMap((key) => this.#made.get(key) ?? []);
    await db.run(
      often('DELETE FROM watches WHERE node = $1 AND conversation = ANY($2)'),
      node(),
      ids,
    );
    for (const key of keys) {
      this.#made.delete(key);
      this.#heads.delete(key);
      if (this.#counts.has(key)) this.#changed = true; // wanted again meanwhile
    }
  }
}
