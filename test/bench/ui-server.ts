import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AguiEvent, Message, ServerFrame } from '../../src/transport/protocol.ts';
import { welcomeFrame } from '../support/welcome.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** What the real server sends at once when a conversation is opened, and what it gives of a page at most. */
const SNAPSHOT = 50;
const PAGE_MAX = 200;

/** A built page and one conversation of any length, told as the real server tells it. */
export class UiServer {
  readonly origin: string;
  /** Oldest first: what `reset` and the pages are cut from. */
  messages: Message[] = [];
  readonly #dist: string;
  readonly #http: ReturnType<typeof createServer>;
  #socket: WebSocket | null = null;
  #nextId = 1;

  static async start(dist: string): Promise<UiServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new UiServer(dist, http);
  }

  private constructor(dist: string, http: ReturnType<typeof createServer>) {
    this.#dist = dist;
    this.#http = http;
    this.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    http.on('request', (request, response) => void this.#serve(request, response));
    new WebSocketServer({ server: http, path: '/chat/ws' }).on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data) => {
        if (JSON.parse(String(data)).type === 'hello') this.#greet();
      });
    });
  }

  keep(...events: AguiEvent[]): void {
    for (const chunk of events) this.#say({ id: `k${this.#nextId++}`, chunk });
  }

  async close(): Promise<void> {
    this.#socket?.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #say(frame: ServerFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #page(before: number, limit: number): { messages: Message[]; before: string | null } {
    const from = Math.max(0, before - limit);
    return { messages: this.messages.slice(from, before), before: from > 0 ? String(from) : null };
  }

  #greet(): void {
    this.#say(welcomeFrame());
    this.#say({ type: 'reset', head: null, ...this.#page(this.messages.length, SNAPSHOT) });
    this.#say({ type: 'pending', items: [] });
    this.#say({ type: 'state', state: 'idle', runId: null });
    this.#say({ type: 'caughtUp', head: null });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const path = url.pathname;
    const json = (body: unknown) =>
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    if (path.endsWith('/auth/verify')) return void json({ user: 'local' });
    if (path.endsWith('/branches')) return void json({ branches: [] });
    if (path.endsWith('/messages')) {
      const limit = Math.min(PAGE_MAX, Number(url.searchParams.get('limit') ?? SNAPSHOT));
      return void json(this.#page(Number(url.searchParams.get('before')), limit));
    }
    if (path.startsWith('/chat/api/')) return void json({ conversations: [], before: null });
    const file = path === '/chat/' ? 'index.html' : path.replace(/^\/chat\//, '');
    const body = await readFile(join(this.#dist, file)).catch(() => null);
    if (body === null) return void response.writeHead(404).end();
    response
      .setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream')
      .end(body);
  }
}
