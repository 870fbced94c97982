/** Greenroom with the real CLI, against a scripted API on loopback; and the CLI on its own, beside it. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../src/transport/control.ts';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import type { ScriptedApi } from '../support/scripted-api.ts';
import { Program } from './process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const FIRST_TEXT = '"type":"text_delta"';
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
};

export type RealServer = Awaited<ReturnType<typeof serveRealCli>>;

/** @param env Over settings that give the server a key, and no limits. */
export async function serveRealCli(api: ScriptedApi, env: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
  const program = new Program(process.execPath, ['--max-semi-space-size=4', MAIN, 'serve'], {
    ...realCliSettings(api),
    CHAT_PORT: '0',
    CHAT_DATA_DIR: dataDir,
    CHAT_LOG_LEVEL: 'silent',
    CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
    CHAT_MAX_REQUESTS_PER_DAY: 'unlimited',
    CHAT_MAX_TOKENS_PER_DAY: 'unlimited',
    CHAT_MAX_RUNS_PER_USER: 'unlimited',
    CHAT_MAX_MEMORY_SHARE: '100',
    ...env,
  });
  const { origin } = new URL(await program.says(/listening on (http\S+)/));
  const { value } = await askControl(dataDir, 'session', { user: 'bench', ttlMs: 3_600_000 });
  const cookie = `greenroom=${String(value)}`;
  return {
    program,
    openTab: () => TestClient.open(`${origin.replace('http', 'ws')}/chat/ws`, origin, cookie),
    /** Deletes a conversation, and so ends its process. */
    async forget(thread: string) {
      const url = `${origin}/chat/api/conversations/${thread}`;
      await fetch(url, { method: 'DELETE', headers: { Cookie: cookie } });
    },
    async stop() {
      await program.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** `claude -p`, told to stream, in a home that stays: what somebody would run who types it at a prompt. */
export function claudePrint(api: ScriptedApi) {
  const { CHAT_CLAUDE_BIN = '', ANTHROPIC_API_KEY = '' } = realCliSettings(api);
  const home = mkdtempSync(join(tmpdir(), 'bench-home-'));
  const cwd = join(home, 'workspace');
  mkdirSync(cwd);
  const args = ['--output-format', 'stream-json', '--include-partial-messages', '--verbose'];
  return {
    /** Ms from the start of the program to its first text. */
    async firstText(prompt: string): Promise<number> {
      const startedAt = performance.now();
      const child = spawn(CHAT_CLAUDE_BIN, ['-p', prompt, '--session-id', randomUUID(), ...args], {
        cwd,
        env: {
          PATH: process.env.PATH,
          HOME: home,
          ANTHROPIC_BASE_URL: api.url,
          ANTHROPIC_API_KEY,
          ...QUIET,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      let [said, firstAt] = ['', 0];
      for await (const data of child.stdout) {
        said += data;
        if (firstAt === 0 && said.includes(FIRST_TEXT)) firstAt = performance.now();
      }
      await gone;
      if (firstAt === 0) throw new Error(`claude -p said no text: ${said.slice(-500)}`);
      return firstAt - startedAt;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
