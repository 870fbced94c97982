/** What a turn has said so far, as a number. */

/** At most one progress fact a second reaches the machine: each costs it a transition. */
const PROGRESS_MS = 1_000;

export class Progress {
  /** Since the process started. */
  deltas = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Whether it is time to tell it again; if so, the next time is a second later. */
  isDue(now: number): boolean {
    if (now - this.#toldAt < PROGRESS_MS) return false;
    this.#toldAt = now;
    return true;
  }
}
