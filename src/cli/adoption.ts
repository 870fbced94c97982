/** Takes over, again and again, what other servers that share the store left behind. */
import type { Log } from '../telemetry/log.ts';

const EVERY_MS = 1_000;

export class Adoption {
  readonly #adopt: () => Promise<void>;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #adopting: Promise<void> | null = null;

  constructor(adopt: () => Promise<void>, log: Log) {
    this.#adopt = adopt;
    this.#log = log;
    this.#timer = setInterval(() => this.#begin(), EVERY_MS).unref();
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#adopting;
  }

  #begin(): void {
    this.#adopting ??= this.#adopt()
      .catch((error: unknown) =>
        this.#log.warn({ err: error }, 'what other servers left could not be taken over yet'),
      )
      .finally(() => {
        this.#adopting = null;
      });
  }
}
