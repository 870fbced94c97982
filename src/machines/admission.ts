/**
 * Room for Claude processes: a few start at a time, because a start takes half a CPU second and a storm of
 * them would slow every stream; no more than the cap are alive; and while memory is tight only one is at work,
 * so that all get on, one after the other. Who waits does so in turn with other users.
 */
import PQueue from 'p-queue';
import type { ClaudeInput } from '../claude/facts.ts';
import { type FairOptions, RoundRobinQueue } from './round-robin-queue.ts';

/** On two cores, a third start at once makes all three slower. */
const STARTS_AT_ONCE = 2;
/** While processes are alive or waited for, what room there is is looked at so often. */
const LOOK_MS = 1_000;

export interface AdmissionParts {
  readonly processesMax: number;
  readonly memoryIsTight: () => boolean;
  /** Processes that do nothing for as long as people like: they hold up nobody while memory is tight. */
  readonly pinned: () => number;
  /** Called when so many wait for room, or (0) memory is tight: the moment to end a process that can be. */
  readonly onFull: (waiting: number) => void;
  readonly clock: Pick<ClaudeInput['clock'], 'setTimeout' | 'clearTimeout'>;
}

export class Admission {
  readonly #parts: AdmissionParts;
  readonly #alive: PQueue<RoundRobinQueue, FairOptions>;
  readonly #starts = new PQueue({ concurrency: STARTS_AT_ONCE });
  #isTight = false;
  #timer: unknown = null;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    const queueClass = RoundRobinQueue;
    this.#alive = new PQueue({ concurrency: parts.processesMax, queueClass });
    this.#alive.addEventListener('idle', () => this.#rest());
  }

  /**
   * Runs `start` when there is room, and keeps the room until `ended` settles. The queue needs no bound of
   * its own: a conversation waits in it once.
   * One that aborts before its start gives up its turn.
   */
  async admit(
    user: string,
    start: () => Promise<void>,
    ended: Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    const gaveUp = new AbortController();
    let begun = false;
    signal.addEventListener('abort', () => begun || gaveUp.abort());
    this.#look();
    const turn = this.#alive.add(
      async () => {
        begun = true;
        try {
          await this.#starts.add(start);
          await ended;
        } finally {
          this.#look(); // before the next one begins
        }
      },
      { user, signal: gaveUp.signal },
    );
    this.#lookLater();
    if (this.#alive.size > 0) this.#parts.onFull(this.#alive.size);
    await turn.catch((error: unknown) => {
      if (!gaveUp.signal.aborted) throw error;
    });
  }

  /** Whether one more would be in nobody's way. */
  hasSpareRoom(): boolean {
    this.#look();
    const { pending, concurrency, size } = this.#alive;
    return !this.#isTight && pending < concurrency && size === 0 && this.#starts.pending === 0;
  }

  /** Resolves when no process is left. */
  async idle(): Promise<void> {
    await this.#alive.onIdle();
  }

  get state(): { alive: number; waiting: number; starting: number } {
    return {
      alive: this.#alive.pending,
      waiting: this.#alive.size,
      starting: this.#starts.pending,
    };
  }

  #look(): void {
    const { processesMax, memoryIsTight, pinned } = this.#parts;
    this.#isTight = memoryIsTight();
    this.#alive.concurrency = this.#isTight ? Math.min(processesMax, 1 + pinned()) : processesMax;
  }

  #lookLater(): void {
    this.#timer ??= this.#parts.clock.setTimeout(() => {
      this.#timer = null;
      this.#look();
      if (this.#isTight || this.#alive.size > 0) this.#parts.onFull(this.#alive.size);
      this.#lookLater();
    }, LOOK_MS);
  }

  #rest(): void {
    if (this.#timer !== null) this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
