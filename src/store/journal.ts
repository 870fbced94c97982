/**
 * The one writer of one conversation's journal. Appends are durable in order, one in flight: what is written
 * meanwhile goes together in the next. Watchers hear of rows from the store, after they are durable.
 */
import type { Lease, NewRow, Store } from './store.ts';

export class Journal {
  readonly lease: Lease;
  readonly #store: Pick<Store, 'append'>;
  readonly #onFailed: (error: unknown) => void;
  #waiting: NewRow[] = [];
  #sync = false;
  #failed = false;
  #writing: Promise<void> | null = null;

  /** @param onFailed Called once when an append fails; nothing is appended after that. */
  constructor(store: Pick<Store, 'append'>, lease: Lease, onFailed: (error: unknown) => void) {
    this.#store = store;
    this.lease = lease;
    this.#onFailed = onFailed;
  }

  /** Queues rows and returns at once. `sync` makes the batch they go with as durable as the store can. */
  append(rows: readonly NewRow[], durability: 'batch' | 'sync' = 'batch'): void {
    if (this.#failed) return;
    this.#waiting.push(...rows);
    this.#sync ||= durability === 'sync';
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was appended so far is durable, or the journal has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const rows = this.#waiting;
        const durability = this.#sync ? 'sync' : 'batch';
        this.#waiting = [];
        this.#sync = false;
        await this.#store.append(this.lease, rows, durability);
      }
      this.#writing = null;
    } catch (error) {
      this.#failed = true;
      this.#waiting = [];
      this.#onFailed(error);
    }
  }
}
