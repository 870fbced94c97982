/**
 * Room for Claude processes: a few start at a time, because a start takes half a CPU second and a storm of
 * them would slow every stream, and no more than the cap are alive.
 */
import PQueue from 'p-queue';

/** On two cores, a third start at once makes all three slower. */
const STARTS_AT_ONCE = 2;

export class Admission {
  readonly #alive: PQueue;
  readonly #starts = new PQueue({ concurrency: STARTS_AT_ONCE });
  readonly #onFull: () => void;
  /** The queue keeps the place of one that gave up until its turn; this does not count it. */
  #waiting = 0;

  /** @param onFull Called when a start waits for room: the moment to end an idle process. */
  constructor(processesMax: number, onFull: () => void) {
    this.#alive = new PQueue({ concurrency: processesMax });
    this.#onFull = onFull;
  }

  /**
   * Runs `start` when there is room, and keeps the room until `ended` settles. The queue needs no bound of
   * its own: a conversation waits in it once.
   * One that aborts before its start gives up its turn.
   */
  async admit(
    start: () => Promise<void>,
    ended: Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    if (this.#alive.pending >= this.#alive.concurrency) this.#onFull();
    let begun = false;
    const turn = this.#alive.add(async () => {
      if (signal.aborted) return;
      begun = true;
      this.#waiting -= 1;
      await this.#starts.add(start);
      await ended;
    });
    this.#waiting += 1;
    signal.addEventListener('abort', () => {
      if (!begun) this.#waiting -= 1;
    });
    await turn;
  }

  /** Resolves when no process is left. */
  async idle(): Promise<void> {
    await this.#alive.onIdle();
  }

  get state(): { alive: number; waiting: number; starting: number } {
    return {
      alive: this.#alive.pending,
      waiting: this.#waiting,
      starting: this.#starts.pending,
    };
  }
}
