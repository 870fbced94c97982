/** The real PgBouncer, which gives each transaction whichever connection is free. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './caddy.ts';
import { sharedPostgres } from './postgres.ts';

/** It refuses to run as root; `nobody` is everywhere. */
const OTHER_UID = 65_534;
const isRoot = process.getuid?.() === 0;
const PATH = `${process.env.PATH}:/usr/sbin`;

/** Null when it is installed, else why the test is skipped. */
export function pgbouncerIsMissing(): string | null {
  const missing = spawnSync('pgbouncer', ['--version'], { env: { PATH } }).error !== undefined;
  if (missing && process.env.CI === 'true')
    throw new Error('pgbouncer is not installed, and CI must not skip');
  return missing ? 'pgbouncer is not installed' : null;
}

export class PgBouncer {
  readonly #dir: string;
  readonly #port: number;
  readonly #process: ChildProcess;

  private constructor(dir: string, port: number, process: ChildProcess) {
    this.#dir = dir;
    this.#port = port;
    this.#process = process;
  }

  /** Before a PostgreSQL on this machine, whose superuser everyone is; connections are used in turn. */
  static async start(postgresPort: number): Promise<PgBouncer> {
    const [dir, port] = [mkdtempSync(join(tmpdir(), 'greenroom-pgbouncer-')), await freePort()];
    const file = join(dir, 'pgbouncer.ini');
    const settings = [
      ...['[databases]', `* = host=127.0.0.1 port=${postgresPort} user=postgres`],
      ...['[pgbouncer]', `listen_port = ${port}`, 'listen_addr = 127.0.0.1', 'unix_socket_dir ='],
      ...['auth_type = any', 'pool_mode = transaction', 'default_pool_size = 4'],
      ...['server_round_robin = 1'],
    ];
    writeFileSync(file, `${settings.join('\n')}\n`);
    if (isRoot) for (const path of [dir, file]) chownSync(path, OTHER_UID, OTHER_UID);
    const other = isRoot ? { uid: OTHER_UID, gid: OTHER_UID } : {};
    const process = spawn('pgbouncer', [file], { ...other, env: { PATH }, stdio: 'ignore' });
    const pooler = new PgBouncer(dir, port, process);
    await pooler.#untilAnswering();
    return pooler;
  }

  /** The way to a database of that server through here. */
  before(url: string): string {
    const way = new URL(url);
    way.port = String(this.#port);
    return way.href;
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.kill('SIGQUIT')) await gone;
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #untilAnswering(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error('pgbouncer did not start');
      const client = new pg.Client({ port: this.#port, host: '127.0.0.1', user: 'postgres' });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await pause(50);
      }
    }
  }
}

let shared: Promise<PgBouncer> | null = null;
after(async () => (await shared)?.stop());

/** The test process's one, before its one PostgreSQL. */
export function sharedPooler(): Promise<PgBouncer> {
  shared ??= sharedPostgres().then(({ port }) => PgBouncer.start(port));
  return shared;
}
