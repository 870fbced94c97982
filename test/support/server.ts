/** A real server in this process, on a free port and a data directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritable } from '../../src/claude/launch.ts';
import { type Served, type ServeParts, serve } from '../../src/cli/serve.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { askControl } from '../../src/transport/control.ts';
import { memoryStore } from './memory-store.ts';

export interface TestServer extends Served {
  readonly dataDir: string;
  readonly origin: string;
  readonly webSocketUrl: string;
  /** A signed cookie, ready for a `Cookie` header. */
  cookieFor(user: string, ttlMs?: number): Promise<string>;
}

/** @param env Settings over the tests' own: the demo agent, a free port, a fresh data directory, no drain, no sandbox. */
export async function startServer(
  env: Record<string, string> = {},
  parts: Partial<Pick<ServeParts, 'store' | 'log'>> = {},
): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  const config = readConfig({
    CHAT_CLAUDE_BIN: 'demo',
    CHAT_PORT: '0',
    CHAT_DATA_DIR: dataDir,
    CHAT_LOG_LEVEL: 'silent',
    CHAT_SANDBOX: 'none',
    CHAT_MAX_MEMORY_SHARE: '100', // whatever else this machine does
    CHAT_DRAIN_LEAD_MS: '0',
    CHAT_DRAIN_TURN_MS: '0',
    ...env,
  });
  const served = await serve({
    config,
    inherited: inheritable(process.env),
    version: '0.0.0-test',
    uiDir: fileURLToPath(new URL('../../dist/ui', import.meta.url)),
    store: memoryStore(),
    log: createLog('silent'),
    ...parts,
  });
  const origin = `http://127.0.0.1:${served.port}`;
  return {
    ...served,
    dataDir,
    origin,
    webSocketUrl: `${origin.replace('http', 'ws')}/chat/ws`,
    async cookieFor(user, ttlMs = 3_600_000) {
      const { value } = await askControl(dataDir, 'session', { user, ttlMs });
      return `greenroom=${String(value)}`;
    },
    async stop() {
      const cutOff = await served.stop();
      rmSync(dataDir, { recursive: true, force: true });
      return cutOff;
    },
  };
}
