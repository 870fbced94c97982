/**
 * Sign-ins that fail, per address and in all, in this process's memory. A try holds its place while it is judged, so
 * that many at once get no more tries than one after the other; one that succeeds gives it back.
 */
import type { RateLimiterRes } from 'rate-limiter-flexible';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';

/** From the first failure of an address on; after it, it starts anew. */
export const WINDOW_MS = 10 * 60_000;

/** So many addresses' worth of failures are counted. */
const ADDRESSES = 20;

const ALL = 'all';

export type Judgement<T> =
  | { readonly how: 'right'; readonly value: T }
  | { readonly how: 'wrong' }
  /** Not judged: too many of this address were wrong. */
  | { readonly how: 'refused'; readonly retryAfterMs: number }
  /** Judged and wrong, while too many in all are: it is not counted any more. */
  | { readonly how: 'wrongAgain'; readonly retryAfterMs: number };

export class SignInAttempts {
  readonly #ofAddress: RateLimiterMemory | null;
  readonly #inAll: RateLimiterMemory | null;

  /** @param max Failures per address and window; null: any number. */
  constructor(max: number | null) {
    const limiter = (points: number) =>
      new RateLimiterMemory({ points, duration: WINDOW_MS / 1_000 });
    this.#ofAddress = max === null ? null : limiter(max);
    this.#inAll = max === null ? null : limiter(max * ADDRESSES);
  }

  /**
   * Tries one sign-in. The total keeps nobody out: who brings what is right comes in whatever others do. It bounds
   * what is remembered, to the addresses of two windows, because an address is counted only while the total is not
   * reached.
   * @param judge Its result, or null where it is wrong. What it throws says nothing of the address.
   */
  async try<T>(address: string, judge: () => Promise<T | null>): Promise<Judgement<T>> {
    const own = await hold(this.#ofAddress, address);
    if (own !== null) return { how: 'refused', retryAfterMs: own.msBeforeNext };
    const all = await hold(this.#inAll, ALL);
    if (all !== null) await giveBack(this.#ofAddress, address);
    let isWrong = false;
    try {
      const value = await judge();
      isWrong = value === null;
      if (value !== null) return { how: 'right', value };
      return all === null
        ? { how: 'wrong' }
        : { how: 'wrongAgain', retryAfterMs: all.msBeforeNext };
    } finally {
      if (!isWrong && all === null) {
        await giveBack(this.#ofAddress, address);
        await giveBack(this.#inAll, ALL);
      }
    }
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#ofAddress?.dump().storage.length ?? 0;
  }
}

/** Null: the place is held. Else what is left of the wait for one. */
async function hold(
  limiter: RateLimiterMemory | null,
  key: string,
): Promise<RateLimiterRes | null> {
  try {
    await limiter?.consume(key);
    return null;
  } catch (refusal) {
    await giveBack(limiter, key); // the library counts what it refuses, too
    return refusal as RateLimiterRes;
  }
}

async function giveBack(limiter: RateLimiterMemory | null, key: string): Promise<void> {
  const left = await limiter?.reward(key);
  // Below zero where its window ended meanwhile: it would be one try more in the next.
  if (left !== undefined && left.consumedPoints <= 0) await limiter?.delete(key);
}
