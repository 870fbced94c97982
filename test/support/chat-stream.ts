/** A client of the replaced server: it offers `chat-stream-v1` and keeps what it is told. */
import { WebSocket } from 'ws';
import type { ChatFrame } from '../../src/transport/legacy/chat-stream-line.ts';
import type { TestServer } from './server.ts';

/** Reached only when the awaited thing does not happen. */
const PATIENCE_MS = 20_000;

export class ChatStreamClient {
  readonly frames: ChatFrame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #checks = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    const check = () => {
      for (const look of [...this.#checks]) look();
    };
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as ChatFrame);
      check();
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        check();
      }),
    );
    socket.on('error', () => {});
  }

  /** @param protocols What it offers, best first. */
  static async open(
    server: TestServer,
    cookie: string,
    query = '',
    protocols: string[] = ['chat-stream-v1'],
  ): Promise<ChatStreamClient> {
    const headers = { Cookie: cookie, Origin: server.origin };
    const socket = new WebSocket(server.webSocketUrl + query, protocols, { headers });
    const client = new ChatStreamClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_, response) =>
        reject(new Error(`refused: ${response.statusCode}`)),
      );
      socket.once('error', reject);
    });
    return client;
  }

  /** Text is sent as it is. */
  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  ask(message: string, conversationId?: string | null): void {
    const place = conversationId === undefined ? {} : { conversation_id: conversationId };
    this.send({ type: 'chat_request', message, ...place });
  }

  /** The first `complete` or `error` from the `from`-th frame on. Rejects when the socket closes without one. */
  async ended(from = 0): Promise<Exclude<ChatFrame, { type: 'token' }>> {
    const frame = await this.find(({ type }) => type !== 'token', from);
    return frame as Exclude<ChatFrame, { type: 'token' }>;
  }

  find(passes: (frame: ChatFrame) => boolean, from = 0): Promise<ChatFrame> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#checks.delete(check);
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
      }, PATIENCE_MS);
      this.#checks.add(check);
      check();
    });
  }

  get text(): string {
    return this.frames.map((frame) => (frame.type === 'token' ? frame.token : '')).join('');
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
