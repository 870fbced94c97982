/** A WebSocket client that keeps what it received and can wait for what it has not, whatever protocol it speaks. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Longer than anything measured; reached only when the awaited thing does not happen. */
const PATIENCE_MS = 20_000;

export class FrameClient<Frame> {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  /** How long anything may take that is waited for. */
  patienceMs = PATIENCE_MS;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    const look = () => {
      for (const check of [...this.#waiting]) check();
    };
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      look();
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        look();
      }),
    );
    socket.on('error', () => {});
  }

  /** Rejects where it is refused, with the status. */
  protected async opened(): Promise<this> {
    const refused = new Promise<never>((_, reject) => {
      this.socket.once('unexpected-response', (_request, { statusCode }) =>
        reject(new Error(`refused: ${statusCode}`)),
      );
    });
    await Promise.race([once(this.socket, 'open'), refused]);
    return this;
  }

  /** Text is sent as it is. */
  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame, from the `from`-th on, that passes. Rejects when the socket closes without one. */
  async find<T extends Frame>(passes: (frame: Frame) => frame is T, from?: number): Promise<T>;
  async find(passes: (frame: Frame) => boolean, from?: number): Promise<Frame>;
  async find(passes: (frame: Frame) => boolean, from = 0): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        act();
      };
      const check = () => {
        const found = this.frames.slice(from).find(passes);
        if (found) finish(() => resolve(found));
        else if (this.socket.readyState >= WebSocket.CLOSING)
          finish(() => reject(new Error('closed before the frame came')));
      };
      const timer = setTimeout(() => {
        const last = JSON.stringify(this.frames.at(-1))?.slice(0, 300);
        finish(() => reject(new Error(`no such frame; last: ${last}`)));
      }, this.patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
