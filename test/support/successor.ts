/** A server that is started while another holds its data directory, and waits. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ServedProcess } from './served-process.ts';

export class Successor {
  readonly port: number;
  readonly #child: ReturnType<typeof ServedProcess.spawn>;
  readonly #serving: Promise<ServedProcess>;

  private constructor(
    child: ReturnType<typeof ServedProcess.spawn>,
    port: number,
    serving: Promise<ServedProcess>,
  ) {
    this.#child = child;
    this.port = port;
    this.#serving = serving;
  }

  /** Resolves once it waits; rejects when it exits before. */
  static async start(dataDir: string, env: Record<string, string> = {}): Promise<Successor> {
    const settings = { CHAT_DATA_DIR_WAIT_MS: '60000', CHAT_LOG_LEVEL: 'info', ...env };
    const child = ServedProcess.spawn(dataDir, settings);
    const serving = ServedProcess.serving(child, dataDir);
    serving.catch(() => {}); // a test that ends it first does not ask
    for await (const line of createInterface({ input: child.stderr })) {
      const { msg, port } = line.startsWith('{') ? JSON.parse(line) : {};
      if (!/waiting for its end/.test(msg)) continue;
      child.stderr.resume(); // what it logs later is read on: a full pipe would hold it up
      return new Successor(child, port, serving);
    }
    throw new Error('it ended before it waited');
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves once it serves. */
  serving(): Promise<ServedProcess> {
    return this.#serving;
  }

  /** Ends it and resolves to its exit code; null after a signal. */
  async end(signal: 'SIGTERM' | 'SIGINT'): Promise<number | null> {
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = await exited;
    return code;
  }
}
