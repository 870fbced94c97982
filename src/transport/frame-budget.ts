/**
 * How many frames one client may send: a token bucket, in whole thousandths of a frame, so that a wait it names is
 * never a hair too short. Pure but for its clock; asked once for each frame that comes in.
 */
import type { Refused } from '../store/limits.ts';

export interface FrameRule {
  /** Null: as many as they like. 0: none. */
  readonly maxFramesPerSecond: number | null;
  /** How many may come at once, after a pause. */
  readonly maxFramesBurst: number;
}

/** `flood`: as many were over as may come at once, without a pause long enough for the bucket to be full again. */
export type Verdict = 'within' | 'over' | 'flood';

export type TooSoon = Refused<'frames'>;

const FRAME = 1_000;

export class FrameBudget {
  /** What may come at once; infinite where nothing is limited. */
  readonly max: number;
  /** Frames in a second, and so thousandths of a frame in a millisecond. */
  readonly #rate: number;
  readonly #now: () => number;
  #left: number;
  #at: number;
  #over = 0;
  #announced = false;

  constructor({ maxFramesPerSecond: rate, maxFramesBurst: burst }: FrameRule, now: () => number) {
    this.max = rate === null ? Number.POSITIVE_INFINITY : rate === 0 ? 0 : burst;
    this.#rate = rate ?? 0;
    this.#now = now;
    this.#left = this.max * FRAME;
    this.#at = now();
  }

  /** Counts one frame. */
  take(): Verdict {
    this.#refill();
    if (this.#left >= FRAME) {
      this.#left -= FRAME;
      return 'within';
    }
    this.#over += 1;
    return this.#over > this.max ? 'flood' : 'over';
  }

  /** What to tell the client of its being over; null when that was done since the bucket was full. */
  announce(): TooSoon | null {
    if (this.#announced) return null;
    this.#announced = true;
    const wait = this.#retryAfterMs;
    const resetAt = wait === null ? null : this.#at + wait;
    return { limit: 'frames', max: this.max, remaining: 0, retryAfterMs: wait, resetAt };
  }

  /** Until the next frame is within, if none comes before. */
  get #retryAfterMs(): number | null {
    return this.#rate === 0 ? null : Math.max(0, Math.ceil((FRAME - this.#left) / this.#rate));
  }

  #refill(): void {
    const now = this.#now();
    const passed = Math.max(0, now - this.#at); // a clock may be set back
    this.#at = now;
    this.#left = Math.min(this.max * FRAME, this.#left + passed * this.#rate);
    if (this.#left < this.max * FRAME || this.max === 0) return;
    this.#over = 0;
    this.#announced = false;
  }
}
