import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { askControl } from '../../../src/transport/control.ts';
import { runningUnder } from '../../support/processes.ts';
import { CuttableProxy } from './cuttable-proxy.ts';

/** `greenroom serve` with the demo agent, in its own process and data directory, behind a line that can be cut. */
export class RealServer {
  readonly proxy: CuttableProxy;
  /** Where the browser goes: the proxy. */
  readonly origin: string;
  /** Signs a browser in, once. */
  readonly signInUrl: string;
  #child: ChildProcess;
  readonly #dataDir: string;
  readonly #settings: Record<string, string>;

  static async start(given: Record<string, string> = {}): Promise<RealServer> {
    const proxy = await CuttableProxy.start();
    const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-browser-'));
    const origin = `http://127.0.0.1:${proxy.port}`;
    const settings = {
      CHAT_DATA_DIR: dataDir,
      CHAT_ALLOWED_ORIGINS: origin,
      CHAT_MAX_MEMORY_SHARE: '100', // whatever else this machine does
      ...given,
    };
    try {
      const { child, port, signIn } = await serve(settings);
      proxy.target = port;
      return new RealServer(proxy, origin, origin + signIn, child, dataDir, settings);
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  private constructor(
    proxy: CuttableProxy,
    origin: string,
    signInUrl: string,
    child: ChildProcess,
    dataDir: string,
    settings: Record<string, string>,
  ) {
    this.proxy = proxy;
    this.origin = origin;
    this.signInUrl = signInUrl;
    this.#child = child;
    this.#dataDir = dataDir;
    this.#settings = settings;
  }

  /** A fresh link like `signInUrl`, as `greenroom login` prints it. */
  async freshSignInUrl(): Promise<string> {
    const { pathname, search } = new URL(
      String((await askControl(this.#dataDir, 'login', {})).url),
    );
    return this.origin + pathname + search;
  }

  /** A cookie that signs a browser in as somebody. */
  async cookieFor(user: string, ttlMs = 3_600_000) {
    const { value } = await askControl(this.#dataDir, 'session', { user, ttlMs });
    return { name: 'greenroom', value: String(value), url: this.origin, httpOnly: true };
  }

  /** Stops time for the agents, so that what they are at does not end meanwhile. @returns What lets it go on. */
  async haltAgents(): Promise<() => void> {
    const agents = await runningUnder(this.#dataDir);
    const tell = (signal: NodeJS.Signals) => {
      for (const { pid } of agents) process.kill(pid, signal);
    };
    tell('SIGSTOP');
    return () => tell('SIGCONT');
  }

  /** Ends the server as a deployment does, and starts the next one on the same port and data. */
  async restart(): Promise<void> {
    await this.#end();
    const CHAT_PORT = String(this.proxy.target);
    const { child } = await serve({ ...this.#settings, CHAT_PORT });
    this.#child = child;
  }

  async stop(): Promise<void> {
    await this.#end();
    await this.proxy.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await gone;
  }
}

async function serve(settings: Record<string, string>) {
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    env: { PATH: process.env.PATH, CHAT_CLAUDE_BIN: 'demo', CHAT_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  let port = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    port = Number(/^listening on http:\/\/[^:]+:(\d+)\//.exec(line)?.[1] ?? port);
    const url = /^sign in: (.+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    const { pathname, search } = new URL(url);
    child.stdout.resume();
    return { child, port, signIn: pathname + search };
  }
  throw new Error(`the server did not start: ${Buffer.concat(errors)}`);
}
