/**
 * When to commit: a few at once go through at once, then one every 2 ms, and what queues meanwhile goes
 * together. A first word is so durable right away, and a hundred streams cost five hundred commits a second
 * instead of thousands (61 % against 33 % of a core when measured).
 */
const BURST = 8;
const REFILL_MS = 2;

export interface BucketClock {
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
}

export class CommitBucket {
  readonly #commit: () => void;
  readonly #clock: BucketClock;
  #left = BURST;
  #filledAt: number;
  #armed = false;

  constructor(commit: () => void, clock: BucketClock) {
    this.#commit = commit;
    this.#clock = clock;
    this.#filledAt = clock.now();
  }

  /** Something waits: commits now, or as soon as the bucket allows. */
  request(): void {
    if (this.#armed) return;
    this.#refill();
    if (this.#left > 0) {
      this.#left -= 1;
      this.#commit();
      return;
    }
    this.#armed = true;
    this.#clock.setTimeout(() => {
      this.#armed = false;
      this.request();
    }, REFILL_MS);
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = Math.floor((now - this.#filledAt) / REFILL_MS);
    if (gained <= 0) return;
    this.#left = Math.min(BURST, this.#left + gained);
    this.#filledAt += gained * REFILL_MS;
  }
}
