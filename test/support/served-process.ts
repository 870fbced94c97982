/** The server as its users run it: a process of its own, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { askControl } from '../../src/transport/control.ts';

const GREENROOM = fileURLToPath(new URL('../../bin/greenroom', import.meta.url));

export class ServedProcess {
  static readonly #living = new Set<ChildProcess>();
  readonly origin: string;
  readonly #dataDir: string;
  readonly #child: ChildProcess;
  #logs = '';

  private constructor(child: ChildProcess, origin: string, dataDir: string) {
    this.#child = child;
    this.origin = origin;
    this.#dataDir = dataDir;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#logs += text;
      if (!text.startsWith('{')) process.stderr.write(text); // a crash is to be seen, a log line is not
    });
  }

  /** @param inside A command and its arguments that the server is to be started by. */
  static spawn(dataDir: string, env: Record<string, string> = {}, inside: readonly string[] = []) {
    const [command = GREENROOM, ...args] = [...inside, GREENROOM, 'serve'];
    const child = spawn(command, args, {
      env: {
        PATH: process.env.PATH,
        CHAT_CLAUDE_BIN: 'demo',
        CHAT_PORT: '0',
        CHAT_DATA_DIR: dataDir,
        CHAT_LOG_LEVEL: 'silent',
        CHAT_SANDBOX: 'none',
        CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited',
        CHAT_MAX_REQUESTS_PER_DAY: 'unlimited',
        CHAT_MAX_TOKENS_PER_DAY: 'unlimited',
        CHAT_MAX_RUNS_PER_USER: 'unlimited',
        CHAT_MAX_MEMORY_SHARE: '100', // whatever else this machine does
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    ServedProcess.#living.add(child);
    child.once('exit', () => ServedProcess.#living.delete(child));
    return child;
  }

  /** Resolves once it listens; rejects when it exits before. */
  static start(dataDir: string, env: Record<string, string> = {}): Promise<ServedProcess> {
    return ServedProcess.serving(ServedProcess.spawn(dataDir, env), dataDir);
  }

  static async serving(
    child: ReturnType<typeof ServedProcess.spawn>,
    dataDir: string,
  ): Promise<ServedProcess> {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^listening on (\S+)$/.exec(line)?.[1];
      if (url) return new ServedProcess(child, new URL(url).origin, dataDir);
    }
    throw new Error('the server ended before it listened');
  }

  /** Ends what a failed test left running. */
  static endAll(): void {
    for (const child of ServedProcess.#living) child.kill('SIGKILL');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves once it has logged this, at the level it was given; the test's timeout bounds it. */
  async logged(words: string): Promise<void> {
    while (!this.#logs.includes(words)) await once(this.#child.stderr ?? this.#child, 'data');
  }

  get webSocketUrl(): string {
    return `${this.origin.replace('http', 'ws')}/chat/ws`;
  }

  async cookieFor(user: string): Promise<string> {
    const { value } = await askControl(this.#dataDir, 'session', { user, ttlMs: 3_600_000 });
    return `greenroom=${String(value)}`;
  }

  /** Ends it and resolves to its exit code; null after a signal. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = await exited;
    return code;
  }
}
