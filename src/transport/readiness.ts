/** Whether this server wants visitors, what those who are here are told about it, and whether anybody asks. */
import type { DirectFrame } from './protocol.ts';

/** Health checks come more often than this. */
const ASKED_WITHIN_MS = 60_000;

/** From now on: until nobody is let in any more, and until running turns are cut off. */
export interface DrainTimes {
  readonly reconnectAfterMs: number;
  readonly deadlineMs: number;
}

export class Readiness {
  readonly #now: () => number;
  #drain: { startedAt: number; times: DrainTimes } | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** An edge, a scheduler or a person asks. True: the server goes, and wants nobody any more. */
  askDraining(): boolean {
    this.#askedAt = this.#now();
    return this.#drain !== null;
  }

  get isAsked(): boolean {
    return this.#now() - this.#askedAt < ASKED_WITHIN_MS;
  }

  get isDraining(): boolean {
    return this.#drain !== null;
  }

  drain(times: DrainTimes): void {
    this.#drain = { startedAt: this.#now(), times };
  }

  /** What a client is told now; null while this server stays. */
  readonly frame = (): Extract<DirectFrame, { type: 'draining' }> | null => {
    if (this.#drain === null) return null;
    const { startedAt, times } = this.#drain;
    const left = (ms: number) => Math.max(0, Math.round(startedAt + ms - this.#now()));
    return {
      type: 'draining',
      reconnectAfterMs: left(times.reconnectAfterMs),
      deadlineMs: left(times.deadlineMs),
    };
  };
}
