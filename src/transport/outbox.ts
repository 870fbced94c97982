/** One client's way out, bounded: past the bound it takes nothing kept any more until it has drained. */
import type { EncodedRow } from './fanout.ts';
import type { OpsServerFrame } from './ops/protocol.ts';
import type { AguiEvent, DirectFrame } from './protocol.ts';

/** Unsent bytes after which a client is taken off live delivery; the journal holds the rest. */
export const UNSENT_BYTES_MAX = 1024 * 1024;
/** A client that takes nothing at all for so long is closed with `client.tooSlow`. */
export const STUCK_MS = 30_000;

/** What is told beside the journal: each only to clients that understand it. */
export type Told = DirectFrame | AguiEvent | OpsServerFrame;

/** What an outbox writes to: a WebSocket, or a response that streams. Nothing here waits, and nothing throws. */
export interface Line {
  readonly isOpen: boolean;
  /** Bytes that were queued and are not sent. */
  readonly unsentBytes: number;
  push(row: EncodedRow): void;
  tell(frame: Told): void;
  /** Calls back once all that was queued before is sent. */
  onFlushed(then: () => void): void;
  /** Calls back when the line has closed. Returns the end of it. */
  onClosed(then: () => void): () => void;
}

export class Outbox {
  readonly #line: Line;
  readonly #onStuck: () => void;
  #drained: PromiseWithResolvers<void> | null = null;

  constructor(line: Line, onStuck: () => void) {
    this.#line = line;
    this.#onStuck = onStuck;
  }

  /**
   * Queues one kept frame. False: the bound is reached; wait for `drained` and go on from the journal.
   * A line that is closing takes everything: its watcher is about to end, and must not spin meanwhile.
   */
  push(row: EncodedRow): boolean {
    const line = this.#line;
    if (!line.isOpen) return true;
    if (this.#drained === null && line.unsentBytes + row.frame.length <= UNSENT_BYTES_MAX) {
      line.push(row);
      return true;
    }
    this.#drained ??= this.#watch();
    return false;
  }

  /** What the line could not take yet. */
  get unsentBytes(): number {
    return this.#line.isOpen ? this.#line.unsentBytes : 0;
  }

  /** Resolves when what was queued is sent; never when the line closes first. */
  get drained(): Promise<void> {
    return this.#drained?.promise ?? Promise.resolve();
  }

  /** Direct frames are not held back; a client that asks for more of them than it reads is too slow. */
  tell(frame: Told): void {
    if (!this.#line.isOpen) return;
    if (this.#line.unsentBytes > 2 * UNSENT_BYTES_MAX) return this.#onStuck();
    this.#line.tell(frame);
  }

  #watch(): PromiseWithResolvers<void> {
    const drained = Promise.withResolvers<void>();
    let unsent = this.#line.unsentBytes;
    const stuck = setInterval(() => {
      if (this.#line.unsentBytes >= unsent) this.#onStuck();
      unsent = this.#line.unsentBytes;
    }, STUCK_MS);
    const forget = this.#line.onClosed(() => clearInterval(stuck));
    this.#line.onFlushed(() => {
      clearInterval(stuck);
      forget(); // a line that fills up often must not gather them
      this.#drained = null;
      drained.resolve();
    });
    return drained;
  }
}
