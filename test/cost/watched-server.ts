/** A server of its own whose counts can be read, and the bench's client to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '../bench/client.ts';
import { ServedProcess } from '../support/served-process.ts';

const FAKE_CLAUDE = fileURLToPath(new URL('../bench/fake-claude.pl', import.meta.url));
const COLLECT_GARBAGE = new URL('../support/collect-garbage.ts', import.meta.url).href;

const HEAP_LOOKS = 12;

export class WatchedServer {
  readonly served: ServedProcess;
  readonly #cookie: string;
  readonly #dataDir: string;

  static async start(env: Record<string, string> = {}): Promise<WatchedServer> {
    const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-cost-'));
    const served = await ServedProcess.start(dataDir, {
      CHAT_CLAUDE_BIN: FAKE_CLAUDE,
      CHAT_TITLES: 'prompt',
      CHAT_DRAIN_LEAD_MS: '0',
      CHAT_MAX_SOCKETS_PER_USER: '5000',
      CHAT_MAX_FRAMES_PER_SECOND: 'unlimited',
      NODE_OPTIONS: `--import=${COLLECT_GARBAGE}`,
      ...env,
    });
    return new WatchedServer(served, await served.cookieFor('user'), dataDir);
  }

  private constructor(served: ServedProcess, cookie: string, dataDir: string) {
    this.served = served;
    this.#cookie = cookie;
    this.#dataDir = dataDir;
  }

  open(): Promise<Client> {
    const { origin } = this.served;
    const headers = `Origin: ${origin}\r\nCookie: ${this.#cookie}\r\nSec-WebSocket-Protocol: agui.v1\r\n`;
    return Client.open(Number(new URL(origin).port), '/chat/ws', headers);
  }

  /** The sum of one of its metrics over all labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.served.origin}/metrics`)).text();
    const values = text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'));
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** What is alive in its heap, bytes: the least of several looks, as each has garbage of its own. */
  async heap(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let look = 0; look < HEAP_LOOKS; look++) {
      process.kill(this.served.pid, 'SIGUSR2');
      least = Math.min(least, await this.metric('nodejs_heap_size_used_bytes'));
    }
    return least;
  }

  async stop(): Promise<void> {
    await this.served.end('SIGKILL');
    rmSync(this.#dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Says hello and takes what comes until it has caught up. @returns The conversation's id. */
export async function greet(client: Client, asked: string | null = null): Promise<string> {
  let threadId = '';
  await new Promise<void>((resolve) => {
    client.onMessage = (payload) => {
      const frame = JSON.parse(String(payload)) as { type?: string; threadId?: string };
      if (frame.type === 'welcome') threadId = frame.threadId ?? '';
      if (frame.type === 'caughtUp') resolve();
    };
    client.send(JSON.stringify({ type: 'hello', threadId: asked, after: null }));
  });
  return threadId;
}

/** Prompts and takes what comes until the run has ended. @returns Each frame as it came. */
export function turn(client: Client, threadId: string, text: string): Promise<string[]> {
  const runId = crypto.randomUUID();
  const frames: string[] = [];
  const messages = [{ id: `u-${runId}`, role: 'user', content: text }];
  return new Promise((resolve) => {
    client.onMessage = (payload) => {
      const frame = String(payload);
      frames.push(frame);
      if (frame.includes('"type":"RUN_FINISHED"') || frame.includes('"type":"RUN_ERROR"'))
        resolve(frames);
    };
    client.send(JSON.stringify({ threadId, runId, messages, tools: [], context: [] }));
  });
}
