/** How a WebSocket is known to live, and how it is ended; the same for every kind of client. */
import type { WebSocket } from 'ws';
import { FAULTS, type FaultCode } from '../faults.ts';

/** Pings a socket may leave unanswered before it is given up. */
const MISSES_MAX = 2;

/** A client that flooded gets so long to answer the close frame: it may be sending on. */
const FLOOD_CLOSE_MS = 1_000;

export class Heartbeat {
  readonly #socket: WebSocket;
  #unanswered = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** The client gave a sign of life. */
  heard(): void {
    this.#unanswered = 0;
  }

  /** Asks for a sign of life, and gives the socket up after two that stayed away. @returns Whether it asked. */
  beat(): boolean {
    if (this.#socket.isPaused) return false; // it is us who do not read
    if (this.#unanswered >= MISSES_MAX) {
      this.#socket.terminate();
      return false;
    }
    this.#unanswered += 1;
    this.#socket.ping();
    return true;
  }
}

/** Closes a socket with the code and the words of a fault; null: there is nothing more to say. */
export function hangUp(socket: WebSocket, fault: FaultCode | null): void {
  const { close = null, say = '' } = fault === null ? {} : FAULTS[fault];
  socket.close(close ?? 1000, say.slice(0, 100));
  if (fault === 'client.flooding') setTimeout(() => socket.terminate(), FLOOD_CLOSE_MS).unref();
}
