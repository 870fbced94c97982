/**
 * What the servers under measurement have in common, and Greenroom as one of them; `peers.ts` has the others. Each is
 * a program of its own. `stream` runs the fake claude behind every socket; `sockets` is for counting sockets and
 * upgrades.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../src/transport/control.ts';
import { Client } from './client.ts';
import { LOOP_DELAY, Program } from './process.ts';

export const FAKE_CLAUDE = fileURLToPath(new URL('./fake-claude.pl', import.meta.url));
export const WITHOUT_JOURNAL = fileURLToPath(new URL('./without-journal.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a kept frame begins: it is not parsed, or the client would be what is measured. */
const KEPT = '{"id"';

export type Purpose = 'stream' | 'sockets';

/** What a hello asks for again. */
export interface Replay {
  /** A cursor; null: all that is kept. */
  readonly after: string | null;
  onFrame(payload: Buffer): void;
}

/** A socket on which a prompt can be sent. */
export interface Tab {
  readonly client: Client;
  prompt(text: string): void;
  readonly threadId?: string;
  /** Stands in the message that ends a turn. */
  readonly endMark: string;
  /** Nothing but the end of a turn is sent. */
  readonly isSilent?: boolean;
}

export interface Server {
  readonly program: Program;
  openSocket(): Promise<Client>;
  /** @param user Which of the users opens it, from 0. */
  openTab(user: number): Promise<Tab>;
  /** One more on a conversation of this user's. */
  openThread?(user: number, threadId: string, replay?: Replay): Promise<Tab>;
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
  /** Its sockets and upgrades are those of another contender: only its streams are measured. */
  readonly streamsOnly?: boolean;
  /** Its long measures would take minutes: ten thousand programs, millions of frames. */
  readonly isShortOnly?: boolean;
  /** It has conversations: those who come back, or come in numbers, get all of one. */
  readonly resumes?: boolean;
  /** @param settings Of Greenroom; the others have none. */
  start(purpose: Purpose, settings?: Readonly<Record<string, string>>): Promise<Server>;
}

/**
 * @param from A checkout, which is run as it is shipped; or a program, run with the same flags.
 * @param flags Of Node, besides those.
 */
export function greenroom(
  name: string,
  from = ROOT,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Contender {
  const bin = join(from === WITHOUT_JOURNAL ? ROOT : from, 'bin/greenroom');
  return {
    name,
    missing: existsSync(bin) ? null : `${bin} is missing`,
    forgets: from === WITHOUT_JOURNAL,
    resumes: from !== WITHOUT_JOURNAL,
    async start(_purpose, settings) {
      const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
      const [command, ...args] =
        from === WITHOUT_JOURNAL ? [process.execPath, ...flagsOf(bin), from] : [bin];
      const program = new Program(command, [...args, 'serve'], {
        ...greenroomEnv(dataDir),
        NODE_OPTIONS: [LOOP_DELAY, ...flags].join(' '),
        ...env,
        ...settings,
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
        openThread: async (user, threadId, replay) => greet(await open(user), threadId, replay),
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
    streamsOnly: true,
    resumes: false,
    async start(purpose, settings) {
      const server = await unwatched.start(purpose, settings);
      const operator = await server.openOps?.();
      operator?.send(JSON.stringify({ type: 'follow', ref: '1', actor: '*' }));
      return server;
    },
  };
}

/** Node's flags by which Greenroom is shipped. */
function flagsOf(bin: string): string[] {
  const flags = readFileSync(bin, 'utf8').match(/(?<= )--\S+/g);
  if (!flags) throw new Error(`cannot tell by which flags ${bin} starts`);
  return flags;
}

/** Says hello as the page does; resolves once the tab has caught up. @param asked Null: a conversation of its own. */
async function greet(client: Client, asked: string | null, replay?: Replay): Promise<Tab> {
  const threadId = await new Promise<string>((resolve) => {
    let welcomed = '';
    client.onMessage = (payload) => {
      replay?.onFrame(payload);
      if (payload.toString('latin1', 0, KEPT.length) === KEPT) return;
      const frame = JSON.parse(String(payload)) as { type?: string; threadId?: string };
      if (frame.type === 'welcome') welcomed = frame.threadId ?? '';
      if (frame.type === 'caughtUp') resolve(welcomed);
    };
    client.send(JSON.stringify({ type: 'hello', threadId: asked, after: replay?.after ?? null }));
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
