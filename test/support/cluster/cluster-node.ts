/** One of the servers that share a database: what may happen to it, and what it is reached by. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runningUnder } from '../processes.ts';
import { ServedProcess } from '../served-process.ts';
import type { Relay } from './relay.ts';

const SKEWED_CLOCK = fileURLToPath(new URL('./skewed-clock.ts', import.meta.url));

export interface NodeParts {
  readonly name: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  /** What lies between it and the database. */
  readonly relay: Relay | null;
  /** A command and its arguments that it is to be started by. */
  readonly inside: readonly string[];
}

export class ClusterNode {
  readonly name: string;
  readonly dataDir: string;
  readonly relay: Relay | null;
  /** By how much its clock is wrong from its next start on. */
  skewMs = 0;
  readonly #parts: NodeParts;
  #served: ServedProcess | null = null;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.dataDir = parts.dataDir;
    this.relay = parts.relay;
    mkdirSync(parts.dataDir, { recursive: true });
  }

  get address(): string {
    return `${this.#parts.host}:${this.#parts.port}`;
  }

  get origin(): string {
    return `http://${this.address}`;
  }

  get webSocketUrl(): string {
    return `ws://${this.address}/chat/ws`;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Resolves once it listens. */
  async start(): Promise<void> {
    const { dataDir, host, port, env, databaseUrl, inside, name } = this.#parts;
    const all = {
      CHAT_HOST: host,
      CHAT_PORT: String(port),
      CHAT_NODE_ID: name,
      CLOCK_SKEW_MS: String(this.skewMs),
      NODE_OPTIONS: `--import=${SKEWED_CLOCK}`,
      ...env,
      CHAT_DATABASE_URL: databaseUrl,
    };
    const child = ServedProcess.spawn(dataDir, all, inside);
    this.#served = await ServedProcess.serving(child, dataDir);
  }

  /** Whatever was done to it, it runs. */
  async heal(): Promise<void> {
    this.relay?.release();
    if (this.#served?.hasEnded !== false) await this.start();
    else this.signal('SIGCONT');
  }

  /** A signal that it does not end by. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void {
    process.kill(this.pid, signal);
  }

  /** Resolves to its exit code once it has gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    return this.#running.end(signal);
  }

  cookieFor(user: string): Promise<string> {
    return this.#running.cookieFor(user);
  }

  /** Resolves once it has logged this. */
  logged(words: string): Promise<void> {
    return this.#running.logged(words);
  }

  async readyz(): Promise<{ status: number; body: Record<string, unknown> }> {
    const signal = AbortSignal.timeout(1_000);
    const response = await fetch(`${this.origin}/readyz`, { signal });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async isReady(): Promise<boolean> {
    return this.readyz().then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** What runs under its data directory, but for itself. */
  async children() {
    return (await runningUnder(this.dataDir)).filter(({ pid }) => pid !== this.#served?.pid);
  }

  get #running(): ServedProcess {
    if (this.#served === null) throw new Error(`${this.name} was not started`);
    return this.#served;
  }
}
