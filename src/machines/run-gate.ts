/**
 * Turns for runs: no more than the bound are at work on the machine, and users take turns. A conversation has
 * one slot here, which it wants, holds for one run, and gives back.
 */
import PQueue from 'p-queue';
import { type FairOptions, RoundRobinQueue } from './round-robin-queue.ts';

/** What the conversation machine does with its slot. */
export interface Slot {
  /** Waits for the turn. One that is idle is given before this returns. */
  want(): void;
  /** Holds it at once, above the bound if need be: whoever answers does not wait. */
  take(): void;
  /** Gives it back, or waits no longer. */
  release(): void;
  readonly isHeld: boolean;
}

export interface SlotParts {
  readonly user: string;
  readonly onGranted: () => void;
  /** Its place in the queue has changed. */
  readonly onMoved: () => void;
}

export class RunGate {
  readonly #runs: PQueue<RoundRobinQueue, FairOptions>;
  /** Those at work that were not counted yet, since they did not wait for room. */
  #ahead = 0;

  constructor(runsMax: number) {
    this.#runs = new PQueue({ concurrency: runsMax, queueClass: RoundRobinQueue });
  }

  slot(parts: SlotParts): RunSlot {
    return new RunSlot(parts, (begin, options) => this.#enter(begin, options));
  }

  get state(): { running: number; queued: number } {
    const { pending, size } = this.#runs;
    return { running: pending + this.#ahead, queued: size - this.#ahead };
  }

  /**
   * Calls `begin` when a slot is free; one that is urgent is at work already, and takes the next that is.
   * @returns What gives it back, or leaves the queue.
   */
  #enter(begin: () => void, options: FairOptions): () => void {
    const gone = new AbortController();
    const ended = Promise.withResolvers<void>();
    let waits = true;
    const arrive = () => {
      if (options.isUrgent && waits) this.#ahead -= 1;
      waits = false;
    };
    if (options.isUrgent) this.#ahead += 1;
    const run = () => {
      arrive();
      begin();
      return ended.promise;
    };
    const leaves = () => {};
    this.#runs.add(run, { ...options, signal: gone.signal }).catch(leaves);
    return () => {
      if (waits) gone.abort();
      arrive();
      ended.resolve();
    };
  }
}

export class RunSlot implements Slot {
  readonly #parts: SlotParts;
  readonly #enter: (begin: () => void, options: FairOptions) => () => void;
  #leave: (() => void) | null = null;
  #place = 1;
  isHeld = false;

  constructor(parts: SlotParts, enter: (begin: () => void, options: FairOptions) => () => void) {
    this.#parts = parts;
    this.#enter = enter;
  }

  /** So many runs begin until its own has; 1 as well from its turn on. */
  get place(): number {
    return this.#place;
  }

  want(): void {
    if (this.#leave !== null) return;
    const { user, onGranted, onMoved } = this.#parts;
    const granted = () => {
      this.isHeld = true;
      this.#place = 1;
      onGranted();
    };
    const onPlace = (place: number) => {
      this.#place = place;
      if (this.#leave !== null) onMoved(); // else who wants it asks for it next
    };
    this.#leave = this.#enter(granted, { user, onPlace });
  }

  take(): void {
    if (this.isHeld) return;
    this.release();
    this.isHeld = true;
    this.#leave = this.#enter(() => {}, { user: this.#parts.user, isUrgent: true });
  }

  release(): void {
    this.#leave?.();
    this.#leave = null;
    this.isHeld = false;
    this.#place = 1;
  }
}
