/**
 * The one writer of one conversation's journal. Appends are durable in order, one in flight: what is written
 * meanwhile goes together in the next. Watchers hear of rows from the store, after they are durable. On a full
 * disk a batch is kept and tried again; what waits behind it is bounded by who heeds `append`.
 */
import type { Lease, NewRow, Store } from './store.ts';
import { type RetryClock, untilRoom } from './until-room.ts';

/** UTF-16 units of chunks that may wait, the batch in flight among them, before the writer is to stop. */
export const WAITING_UNITS_MAX = 256 * 1024;
/** It may go on when so few are left: a pause and a resume are for hundreds of rows, not for one. */
const DRAINED_UNITS = WAITING_UNITS_MAX / 4;

/** Makes a row when its turn comes; null: there is none after all. */
export type Later = () => Promise<NewRow | null>;

export interface JournalParts {
  readonly store: Pick<Store, 'append' | 'release'>;
  readonly lease: Lease;
  readonly clock: RetryClock;
  /** Once after each time that `append` said stop: go on. */
  readonly onDrained: () => void;
  /** An append finds no room on the disk, and waits for it. */
  readonly onFull: () => void;
  /** Called once, when an append failed for good; nothing is appended after that. */
  readonly onFailed: (error: unknown) => void;
}

export class Journal {
  readonly lease: Lease;
  readonly #parts: JournalParts;
  #waiting: (NewRow | Later)[] = [];
  /** The batch that the store has and has not written. */
  #inFlight: readonly NewRow[] = [];
  #waitingUnits = 0;
  #behind = false;
  #sync = false;
  #failed = false;
  #writing: Promise<void> | null = null;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.lease = parts.lease;
  }

  /**
   * Queues rows and returns at once. `sync` makes the batch they go with as durable as the store can.
   * @returns False when more than `WAITING_UNITS_MAX` wait now: the rows are taken, but the writer must stop
   * until `onDrained`. A journal that has failed takes everything and keeps nothing.
   */
  append(rows: readonly NewRow[], durability: 'batch' | 'sync' = 'batch'): boolean {
    if (this.#failed || rows.length === 0) return !this.#behind;
    this.#waiting.push(...rows);
    this.#waitingUnits += unitsOf(rows);
    this.#behind ||= this.#waitingUnits > WAITING_UNITS_MAX;
    this.#sync ||= durability === 'sync';
    this.#writing ??= this.#write();
    return !this.#behind;
  }

  /** Appends a row that is made once all before it is durable, and before anything after it is written. */
  appendLater(make: Later): void {
    if (this.#failed) return;
    this.#waiting.push(make);
    this.#writing ??= this.#write();
  }

  /** Resolves once all that was appended so far is durable; never where it cannot be. */
  durable(): Promise<void> {
    return new Promise((resolve) => {
      this.appendLater(async () => {
        resolve();
        return null;
      });
    });
  }

  /** What was appended and is not durable yet; bytes as UTF-8, counted when asked. */
  get lag(): { rows: number; bytes: number } {
    const waiting = this.#waiting.filter((entry) => typeof entry !== 'function');
    const rows = [...this.#inFlight, ...waiting];
    return { rows: rows.length, bytes: sizeOf(rows, Buffer.byteLength) };
  }

  /** Resolves when all that was appended so far is durable, or the journal has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Nothing more is appended: once all is durable, or has failed, the conversation may be another server's. */
  async close(): Promise<void> {
    await this.settled();
    await this.#parts.store.release(this.lease);
  }

  async #write(): Promise<void> {
    const { store, clock, onFull, onFailed } = this.#parts;
    try {
      while (this.#waiting.length > 0) {
        const durability = this.#sync ? 'sync' : 'batch';
        const [first] = this.#waiting;
        const rows = typeof first === 'function' ? await this.#made(first) : this.#nextRows();
        if (rows.length === 0) continue;
        this.#inFlight = rows;
        await untilRoom(() => store.append(this.lease, rows, durability), clock, onFull);
        this.#written(unitsOf(rows));
      }
      this.#writing = null;
    } catch (error) {
      this.#failed = true;
      this.#waiting = [];
      this.#written(this.#waitingUnits);
      onFailed(error);
    }
  }

  async #made(first: Later): Promise<NewRow[]> {
    this.#waiting.shift();
    const row = await first();
    this.#waitingUnits += row?.chunk.length ?? 0;
    return row === null ? [] : [row];
  }

  /** All up to one that is yet to be made. */
  #nextRows(): NewRow[] {
    const end = this.#waiting.findIndex((entry) => typeof entry === 'function');
    const rows = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
    if (this.#waiting.length === 0) this.#sync = false;
    return rows as NewRow[];
  }

  #written(units: number): void {
    this.#inFlight = [];
    this.#waitingUnits -= units;
    if (!this.#behind || this.#waitingUnits > DRAINED_UNITS) return;
    this.#behind = false;
    this.#parts.onDrained();
  }
}

function unitsOf(rows: readonly NewRow[]): number {
  return sizeOf(rows, (text) => text.length);
}

function sizeOf(rows: readonly NewRow[], sizeOfText: (text: string) => number): number {
  let size = 0;
  for (const { chunk, result } of rows) size += sizeOfText(chunk) + sizeOfText(result?.text ?? '');
  return size;
}
