/** Counts deltas, and says when it is time to tell: each telling costs the machine a transition. */
const PROGRESS_MS = 1_000;

export class Progress {
  /** Since the process started. */
  deltas = 0;
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** At most once in `PROGRESS_MS`. */
  isDue(): boolean {
    const now = this.#now();
    if (now - this.#toldAt < PROGRESS_MS) return false;
    this.#toldAt = now;
    return true;
  }
}
