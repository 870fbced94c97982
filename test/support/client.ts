/** A WebSocket client that keeps what it received and can wait for what it has not. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { AguiEvent, DirectFrame, KeptFrame } from '../../src/transport/protocol.ts';

export type Frame = KeptFrame | DirectFrame | AguiEvent;
type Direct<T extends DirectFrame['type']> = Extract<DirectFrame, { type: T }>;

/** Longer than anything measured; reached only when the awaited thing does not happen. */
const PATIENCE_MS = 20_000;

export class TestClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  /** How long anything may take that is waited for. */
  patienceMs = PATIENCE_MS;
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      for (const check of this.#waiting) check();
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        for (const check of this.#waiting) check();
      }),
    );
    socket.on('error', () => {});
  }

  static async open(url: string, origin: string, cookie: string, query = ''): Promise<TestClient> {
    const socket = new WebSocket(url + query, 'agui.v1', {
      headers: { Cookie: cookie, Origin: origin },
    });
    const client = new TestClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_, response) =>
        reject(new Error(`refused: ${response.statusCode}`)),
      );
      socket.once('error', reject);
    });
    return client;
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Says hello and waits until it has caught up. Returns the thread's id. */
  async hello(threadId: string | null = null, after: string | null = null): Promise<string> {
    const from = this.frames.length;
    this.send({ type: 'hello', threadId, after });
    await this.direct('caughtUp', from);
    return (await this.direct('welcome', from)).threadId;
  }

  /** Sends a prompt; returns its run id. */
  prompt(threadId: string, text: string, runId: string = randomUUID()): string {
    const messages = [{ id: `u-${runId}`, role: 'user', content: text }];
    this.send({ threadId, runId, messages, tools: [], context: [], state: {}, forwardedProps: {} });
    return runId;
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
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(
              new Error(
                `no such frame; last: ${JSON.stringify(this.frames.at(-1))?.slice(0, 300)}`,
              ),
            ),
          ),
        this.patienceMs,
      );
      this.#waiting.add(check);
      check();
    });
  }

  direct<T extends DirectFrame['type']>(type: T, from = 0): Promise<Direct<T>> {
    return this.find((frame): frame is Direct<T> => 'type' in frame && frame.type === type, from);
  }

  /** Waits for an event of this type, kept or bare. */
  async event<T extends AguiEvent['type']>(
    type: T,
    from = 0,
  ): Promise<Extract<AguiEvent, { type: T }>> {
    const frame = await this.find((candidate) => eventOf(candidate)?.type === type, from);
    return eventOf(frame) as Extract<AguiEvent, { type: T }>;
  }

  /** Waits until this run has ended, however it did. */
  async runEnded(
    runId: string,
  ): Promise<Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>> {
    let started = -1;
    const frame = await this.find((candidate) => {
      const event = eventOf(candidate);
      if (event?.type === 'RUN_STARTED' && event.runId === runId)
        started = this.frames.indexOf(candidate);
      const after = started >= 0 && this.frames.indexOf(candidate) > started;
      return (
        (event?.type === 'RUN_FINISHED' && event.runId === runId) ||
        (after && event?.type === 'RUN_ERROR')
      );
    });
    return eventOf(frame) as Extract<AguiEvent, { type: 'RUN_FINISHED' | 'RUN_ERROR' }>;
  }

  get kept(): KeptFrame[] {
    return this.frames.filter((frame): frame is KeptFrame => 'id' in frame && 'chunk' in frame);
  }

  get events(): AguiEvent[] {
    return this.kept.map(({ chunk }) => chunk);
  }

  /** All text deltas in order, as one string. */
  get text(): string {
    return this.events
      .map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : ''))
      .join('');
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

function eventOf(frame: Frame): AguiEvent | null {
  if ('chunk' in frame) return frame.chunk;
  return 'type' in frame && /^[A-Z_]+$/.test(frame.type) ? (frame as AguiEvent) : null;
}
