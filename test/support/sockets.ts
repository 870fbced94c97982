/** Sockets that are objects: what an outbox needs of one, under the test's control. */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export class FakeSocket extends EventEmitter {
  static readonly #all: FakeSocket[] = [];
  readonly OPEN = 1;
  readyState = 1;
  /** What was sent, oldest first; pings are not among it. */
  readonly sent: string[] = [];
  terminated = 0;
  pings = 0;
  closedWith: number | null = null;
  bufferedAmount = 0;
  #waiting: (() => void)[] = [];
  /** While true, what is sent counts as unsent until `drain`. */
  slow = false;

  constructor() {
    super();
    FakeSocket.#all.push(this);
  }

  /** A socket that never closes keeps timers, and so the test's process, alive. */
  static endAll(): void {
    for (const socket of FakeSocket.#all.splice(0)) socket.end();
  }

  send(data: Buffer | string): void {
    this.sent.push(String(data));
    if (this.slow) this.bufferedAmount += Buffer.byteLength(data);
  }

  ping(_data?: unknown, _mask?: unknown, done?: () => void): void {
    this.pings += 1;
    if (done) this.#waiting.push(done);
    if (!this.slow) this.drain();
  }

  /** All that was queued goes out. */
  drain(): void {
    this.bufferedAmount = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  /** Some of what was queued goes out. */
  drainTo(bytes: number): void {
    this.bufferedAmount = bytes;
  }

  terminate(): void {
    this.terminated += 1;
    this.end();
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 2;
  }

  end(): void {
    this.readyState = 3;
    this.emit('close');
  }

  /** What the socket writes to: whole frames come here, and are kept as their payload. */
  get asWire(): Duplex {
    return { write: (frame: Buffer) => this.send(payloadOf(frame)) } as unknown as Duplex;
  }

  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}

/** A final, unmasked text frame without its header; bytes that are no such frame as they are. */
export function payloadOf(frame: Buffer): Buffer {
  if (frame[0] !== 0x81) return frame;
  const length = frame[1] ?? 0;
  return frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10);
}
