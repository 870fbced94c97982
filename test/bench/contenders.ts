/**
 * The servers under measurement, each as a program of its own. `stream` runs the fake claude behind every
 * socket; `sockets` is for counting sockets and upgrades, where websocketd, which starts a program for each,
 * gets the smallest there is.
 */
import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../src/transport/control.ts';
import { Client } from './client.ts';
import { LOOP_DELAY, Program } from './process.ts';

const FAKE_CLAUDE = fileURLToPath(new URL('./fake-claude.pl', import.meta.url));
export const WITHOUT_JOURNAL = fileURLToPath(new URL('./without-journal.ts', import.meta.url));
const MINIMAL = fileURLToPath(new URL('./minimal-server.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WEBSOCKETD = '/usr/bin/websocketd';

export type Purpose = 'stream' | 'sockets';

/** A socket on which a prompt can be sent. */
export interface Tab {
  readonly client: Client;
  prompt(text: string): void;
  readonly threadId?: string;
  /** Stands in the message that ends a turn. */
  readonly endMark: string;
}

export interface Server {
  readonly program: Program;
  openSocket(): Promise<Client>;
  /** @param user Which of the users opens it, from 0. */
  openTab(user: number): Promise<Tab>;
  /** One more on a conversation of this user's. */
  openThread?(user: number, threadId: string): Promise<Tab>;
  /** As an operator looks in; not every server has that. */
  openOps?(): Promise<Client>;
  /** Where an operator's page is, and the value of a cookie that lets it in. */
  opsPage?(): Promise<{ url: URL; cookie: string }>;
  stop(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Why it cannot take part, else null. */
  readonly missing: string | null;
  /** It keeps nothing, so that a reader who falls behind cannot catch up. */
  readonly forgets?: boolean;
  start(purpose: Purpose): Promise<Server>;
}

/** @param main Its program, with `serve` as the only argument. */
export function greenroom(
  name: string,
  main = join(ROOT, 'src/main.ts'),
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Contender {
  return {
    name,
    missing: null,
    forgets: main === WITHOUT_JOURNAL,
    async start() {
      const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
      const program = new Program(process.execPath, [LOOP_DELAY, ...flags, main, 'serve'], {
        ...greenroomEnv(dataDir),
        ...env,
      });
      const url = new URL(await program.says(/listening on (http\S+)/));
      const cookies = new Map<number, Promise<string>>();
      const cookieOf = (user: number) => {
        const cookie = cookies.get(user) ?? signIn(dataDir, `bench${user}`);
        cookies.set(user, cookie);
        return cookie;
      };
      const openAs = (cookie: string, path = '/chat/ws') => {
        const headers = `Origin: ${url.origin}\r\nCookie: ${cookie}\r\nSec-WebSocket-Protocol: agui.v1\r\n`;
        return Client.open(Number(url.port), path, headers);
      };
      const open = async (user: number) => openAs(await cookieOf(user));
      return {
        program,
        openSocket: () => open(0),
        openTab: async (user) => greet(await open(user), null),
        openThread: async (user, threadId) => greet(await open(user), threadId),
        openOps: async () => openAs(await signIn(dataDir, 'local'), '/chat/ops/ws'),
        opsPage: async () => {
          const [, cookie = ''] = (await signIn(dataDir, 'local')).split('greenroom=');
          return { url: new URL('/chat/ops/', url), cookie };
        },
        async stop() {
          await program.stop();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
  };
}

/** The same, while an operator looks at the list and follows every actor. */
export function watched(name: string, flags: readonly string[] = []): Contender {
  const unwatched = greenroom(name, undefined, flags);
  return {
    ...unwatched,
    async start(purpose) {
      const server = await unwatched.start(purpose);
      const operator = await server.openOps?.();
      operator?.send(JSON.stringify({ type: 'follow', ref: '1', actor: '*' }));
      return server;
    },
  };
}

export function websocketd(): Contender {
  return {
    name: 'websocketd',
    missing: isExecutable(WEBSOCKETD) ? null : 'not installed (Debian package websocketd)',
    async start(purpose) {
      const port = await freePort();
      const program = new Program(WEBSOCKETD, [
        `--port=${port}`,
        '--address=127.0.0.1',
        '--loglevel=info',
        purpose === 'stream' ? FAKE_CLAUDE : '/bin/cat',
      ]);
      await program.says(/Starting WebSocket server/);
      return rawServer(program, port);
    },
  };
}

export function minimal(): Contender {
  return {
    name: 'minimal ws',
    missing: null,
    async start() {
      const program = new Program(process.execPath, [LOOP_DELAY, MINIMAL, FAKE_CLAUDE]);
      return rawServer(program, Number(await program.says(/listening on ws:\S+:(\d+)/)));
    },
  };
}

/** A server whose sockets carry the program's own lines. */
function rawServer(program: Program, port: number): Server {
  const open = () => Client.open(port, '/');
  return {
    program,
    openSocket: open,
    async openTab() {
      const client = await open();
      return { client, prompt: (text) => client.send(text), endMark: '"type":"result"' };
    },
    stop: () => program.stop(),
  };
}

/** Says hello as the page does; resolves once the tab has caught up. @param asked Null: a conversation of its own. */
async function greet(client: Client, asked: string | null): Promise<Tab> {
  const threadId = await new Promise<string>((resolve) => {
    let welcomed = '';
    client.onMessage = (payload) => {
      const frame = JSON.parse(String(payload)) as { type?: string; threadId?: string };
      if (frame.type === 'welcome') welcomed = frame.threadId ?? '';
      if (frame.type === 'caughtUp') resolve(welcomed);
    };
    client.send(JSON.stringify({ type: 'hello', threadId: asked, after: null }));
  });
  const prompt = (text: string) => {
    const messages = [{ id: randomUUID(), role: 'user', content: text }];
    client.send(
      JSON.stringify({ threadId, runId: randomUUID(), messages, tools: [], context: [] }),
    );
  };
  return { client, threadId, prompt, endMark: '"type":"RUN_FINISHED"' };
}

async function signIn(dataDir: string, user: string): Promise<string> {
  const { value } = await askControl(dataDir, 'session', { user, ttlMs: 3_600_000 });
  return `greenroom=${String(value)}`;
}

/** Its limits are lifted, and nothing is logged: the others neither limit nor log. */
function greenroomEnv(dataDir: string): Record<string, string> {
  return {
    CHAT_CLAUDE_BIN: FAKE_CLAUDE,
    CHAT_PORT: '0',
    CHAT_DATA_DIR: dataDir,
    CHAT_LOG_LEVEL: 'warn',
    CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
    CHAT_MAX_REQUESTS_PER_DAY: 'unlimited',
    CHAT_MAX_TOKENS_PER_DAY: 'unlimited',
    CHAT_MAX_RUNS_PER_USER: 'unlimited',
    CHAT_MAX_MEMORY_SHARE: '100',
    CHAT_MAX_PROCESSES: '1000',
    CHAT_MAX_SOCKETS: '100000',
    CHAT_MAX_SOCKETS_PER_USER: '100000',
    CHAT_MAX_SOCKETS_PER_ADDRESS: 'unlimited',
    CHAT_MAX_FRAMES_PER_SECOND: 'unlimited',
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** For a server that cannot pick a port and tell which. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
