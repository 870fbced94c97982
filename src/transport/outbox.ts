/** One socket's way out, bounded: past the bound it takes nothing kept any more until it has drained. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { AguiEvent, DirectFrame } from './protocol.ts';

/** Unsent bytes after which a socket is taken off live delivery; the journal holds the rest. */
export const UNSENT_BYTES_MAX = 1024 * 1024;
/** A socket that sends nothing at all for so long is closed with `client.tooSlow`. */
export const STUCK_MS = 30_000;

const TEXT = { binary: false, compress: false };

export class Outbox {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #onStuck: () => void;
  #drained: PromiseWithResolvers<void> | null = null;

  /** @param wire What `socket` writes to. */
  constructor(socket: WebSocket, wire: Duplex, onStuck: () => void) {
    this.#socket = socket;
    this.#wire = wire;
    this.#onStuck = onStuck;
  }

  /**
   * Queues one kept frame. False: the bound is reached; wait for `drained` and go on from the journal.
   * A socket that is closing takes everything: its watcher is about to end, and must not spin meanwhile.
   */
  push(frame: Buffer): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#drained === null && this.#socket.bufferedAmount + frame.length <= UNSENT_BYTES_MAX) {
      this.#wire.write(frame);
      return true;
    }
    this.#drained ??= this.#watch();
    return false;
  }

  /** Resolves when what was queued is sent; never when the socket closes first. */
  get drained(): Promise<void> {
    return this.#drained?.promise ?? Promise.resolve();
  }

  /** Direct frames are not held back; a client that asks for more of them than it reads is too slow. */
  tell(frame: DirectFrame | AguiEvent): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > 2 * UNSENT_BYTES_MAX) return this.#onStuck();
    this.#socket.send(JSON.stringify(frame), TEXT);
  }

  #watch(): PromiseWithResolvers<void> {
    const drained = Promise.withResolvers<void>();
    let unsent = this.#socket.bufferedAmount;
    const stuck = setInterval(() => {
      if (this.#socket.bufferedAmount >= unsent) this.#onStuck();
      unsent = this.#socket.bufferedAmount;
    }, STUCK_MS);
    const close = () => clearInterval(stuck);
    this.#socket.once('close', close);
    // An empty ping is sent when all before it is: the one write whose end tells that the queue has drained.
    this.#socket.ping(undefined, undefined, () => {
      close();
      this.#socket.off('close', close); // a socket that fills up often must not gather them
      this.#drained = null;
      drained.resolve();
    });
    return drained;
  }
}
