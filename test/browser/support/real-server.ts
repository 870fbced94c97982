import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CuttableProxy } from './cuttable-proxy.ts';

/** `greenroom serve` with the demo agent, in its own process and data directory, behind a line that can be cut. */
export class RealServer {
  readonly proxy: CuttableProxy;
  /** Where the browser goes: the proxy. */
  readonly origin: string;
  /** Signs a browser in, once. */
  readonly signInUrl: string;
  readonly #child: ChildProcess;
  readonly #dataDir: string;

  static async start(settings: Record<string, string> = {}): Promise<RealServer> {
    const proxy = await CuttableProxy.start();
    const dataDir = await mkdtemp(join(tmpdir(), 'greenroom-browser-'));
    const origin = `http://127.0.0.1:${proxy.port}`;
    const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
      env: {
        PATH: process.env.PATH,
        CHAT_CLAUDE_BIN: 'demo',
        CHAT_PORT: '0',
        CHAT_DATA_DIR: dataDir,
        CHAT_ALLOWED_ORIGINS: origin,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) {
      const listening = /^listening on http:\/\/[^:]+:(\d+)\//.exec(line);
      if (listening) proxy.target = Number(listening[1]);
      const signIn = /^sign in: (.+)$/.exec(line)?.[1];
      if (signIn === undefined) continue;
      const { pathname, search } = new URL(signIn);
      return new RealServer(proxy, origin, origin + pathname + search, child, dataDir);
    }
    await proxy.close();
    throw new Error(`the server did not start: ${Buffer.concat(errors)}`);
  }

  private constructor(
    proxy: CuttableProxy,
    origin: string,
    signInUrl: string,
    child: ChildProcess,
    dataDir: string,
  ) {
    this.proxy = proxy;
    this.origin = origin;
    this.signInUrl = signInUrl;
    this.#child = child;
    this.#dataDir = dataDir;
    child.stdout?.resume();
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await gone;
    await this.proxy.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
