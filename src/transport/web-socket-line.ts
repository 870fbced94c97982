/** A WebSocket as an outbox writes to it. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { EncodedRow } from './fanout.ts';
import type { Line, Told } from './outbox.ts';

const TEXT = { binary: false, compress: false };

export class WebSocketLine implements Line {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;

  /** @param wire What `socket` writes to. */
  constructor(socket: WebSocket, wire: Duplex) {
    this.#socket = socket;
    this.#wire = wire;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  push({ frame }: EncodedRow): void {
    this.#wire.write(frame);
  }

  tell(frame: Told): void {
    this.#socket.send(JSON.stringify(frame), TEXT);
  }

  /** An empty ping is sent when all before it is: the one write whose end tells that the queue has drained. */
  onFlushed(then: () => void): void {
    this.#socket.ping(undefined, undefined, then);
  }

  onClosed(then: () => void): () => void {
    this.#socket.once('close', then);
    return () => this.#socket.off('close', then);
  }
}
