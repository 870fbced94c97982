/** So many a second, and so many at once after a pause. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** @param now Milliseconds. */
  constructor(rule: { perSecond: number; burst: number }, now: () => number) {
    this.#perSecond = rule.perSecond;
    this.#burst = rule.burst;
    this.#now = now;
    this.#left = rule.burst;
    this.#at = now();
  }

  /** Whether there is one left; it is gone then. */
  take(): boolean {
    const now = this.#now();
    const gained = (Math.max(0, now - this.#at) * this.#perSecond) / 1_000;
    this.#at = now;
    this.#left = Math.min(this.#burst, this.#left + gained);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
