/** What tells the keepers of all Claude processes that this server runs and may run them: a byte down each one's pipe. */
import type { Duplex } from 'node:stream';

/** One line, as a shell reads lines. */
const BEAT = '\n';

/** What of a timer is used; tests have their own. */
export interface BeatClock {
  setInterval(callback: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
}

const REAL: BeatClock = {
  setInterval: (callback, ms) => setInterval(callback, ms).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
};

export interface HeartbeatParts {
  readonly everyMs: number;
  /** Whether this server may run anything now; while it may not, nobody hears a beat. */
  readonly mayBeat: () => boolean;
  readonly clock?: BeatClock;
}

/** One timer for all pipes, and none while there is no pipe. */
export class Heartbeats {
  readonly #parts: HeartbeatParts;
  readonly #clock: BeatClock;
  readonly #pipes = new Set<Duplex>();
  #timer: unknown = null;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? REAL;
  }

  /** Beats at once, then at each interval until the pipe is closed. */
  add(pipe: Duplex): void {
    this.#pipes.add(pipe);
    pipe.once('close', () => this.#remove(pipe));
    this.#timer ??= this.#clock.setInterval(() => this.#beatAll(), this.#parts.everyMs);
    if (this.#parts.mayBeat()) beat(pipe);
  }

  #beatAll(): void {
    if (this.#parts.mayBeat()) for (const pipe of this.#pipes) beat(pipe);
  }

  #remove(pipe: Duplex): void {
    this.#pipes.delete(pipe);
    if (this.#pipes.size > 0) return;
    this.#clock.clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** A keeper that reads nothing, because it is stopped itself, has beats enough to read: none is queued for it. */
function beat(pipe: Duplex): void {
  if (pipe.writable && pipe.writableLength === 0) pipe.write(BEAT);
}
