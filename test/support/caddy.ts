/** The real Caddy with the Caddyfile that is deployed, on a free port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EDGE_SECRET = 'an-edge-secret-for-tests';
const CADDYFILE = fileURLToPath(new URL('../../nomad/Caddyfile', import.meta.url));

/** Null when Caddy is installed, else why the test is skipped. */
export function caddyIsMissing(): string | null {
  const missing = spawnSync('caddy', ['version']).error !== undefined;
  if (missing && process.env.CI === 'true')
    throw new Error('caddy is not installed, and CI must not skip');
  return missing ? 'caddy is not installed' : null;
}

export interface Edge {
  readonly origin: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startCaddy(port: number, upstream: string): Promise<Edge> {
  const home = mkdtempSync(join(tmpdir(), 'greenroom-caddy-'));
  const caddy = spawn('caddy', ['run', '--config', CADDYFILE, '--adapter', 'caddyfile'], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      CHAT_EDGE_LISTEN: `http://127.0.0.1:${port}`,
      CHAT_EDGE_ADMIN: 'off',
      CHAT_UPSTREAM: upstream,
      FORWARD_AUTH_SECRET: EDGE_SECRET,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await serving(caddy);
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      caddy.kill('SIGTERM');
      if (caddy.exitCode === null) await once(caddy, 'exit');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Caddy logs this line once its listeners are open. What it logs later is read on: a closed pipe would end it. */
export function serving(caddy: ChildProcess): Promise<void> {
  let log = '';
  return new Promise((resolve, reject) => {
    caddy.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('serving initial configuration')) resolve();
    });
    caddy.once('exit', () => reject(new Error(`caddy did not start: ${log.slice(-500)}`)));
  });
}
