/**
 * Goes on, again and again, with what other servers that share the store left behind. A prompt that was taken over is
 * this server's to hand on for as long as it lives: one that its conversation does not take yet is tried again, and
 * none waits for another.
 */
import type { FaultCode } from '../faults.ts';
import type { RunRecord } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** Well within the second that a takeover may take besides the lease. */
const EVERY_MS = 600;

export interface AdoptionParts {
  /** Takes over what is parked. */
  readonly resume: () => Promise<void>;
  /** Takes over what waits: from then on it is this server's. */
  readonly waiting: () => Promise<readonly RunRecord[]>;
  /** Null, or why it was not taken. */
  readonly prompt: (run: RunRecord) => Promise<FaultCode | null>;
  /** What has no words was an answer, and what it answered has gone with its server. */
  readonly withdraw: (run: RunRecord) => Promise<unknown>;
  readonly log: Log;
}

export class Adoption {
  readonly #parts: AdoptionParts;
  readonly #timer: NodeJS.Timeout;
  /** Prompts that were taken over and not handed on yet; true: that is under way. */
  readonly #prompts = new Map<RunRecord, boolean>();
  #looking: Promise<void> | null = null;

  /** @param found Taken over already. */
  constructor(parts: AdoptionParts, found: readonly RunRecord[] = []) {
    this.#parts = parts;
    for (const run of found) this.#prompts.set(run, false);
    this.#handOn();
    this.#timer = setInterval(() => void this.look(), EVERY_MS).unref();
  }

  /** Resolves when what is being looked for has been found; nothing more is. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    this.#handOn();
    await this.#parts.resume();
    for (const run of await this.#parts.waiting()) this.#prompts.set(run, false);
    this.#handOn();
  }

  #handOn(): void {
    for (const [run, isUnderWay] of this.#prompts) if (!isUnderWay) void this.#handOnOne(run);
  }

  async #handOnOne(run: RunRecord): Promise<void> {
    this.#prompts.set(run, true);
    try {
      const isPrompt = run.text !== '' || run.images !== undefined;
      const fault = isPrompt ? await this.#parts.prompt(run) : null;
      if (!isPrompt) await this.#parts.withdraw(run);
      if (fault === null) this.#prompts.delete(run);
      else this.#prompts.set(run, false);
    } catch (error) {
      this.#prompts.set(run, false);
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#parts.log.warn({ err: error }, 'what another server left could not be taken over yet');
  }
}
