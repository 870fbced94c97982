/**
 * What time it is by the database, which all nodes agree on whatever their own clocks say. It goes on with the
 * monotonic clock and is set right by what the database is heard to say.
 */
import type { Clock } from './line.ts';

export class DatabaseClock {
  readonly #clock: Pick<Clock, 'now'>;
  /** Epoch ms by the database when the monotonic clock was at 0. */
  #origin: number | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Epoch ms; by this machine's clock until the database was heard. */
  now(): number {
    return this.#origin === null ? Date.now() : Math.floor(this.#origin + this.#clock.now());
  }

  /**
   * The database said `epoch` sometime between the two. What was thought so far is kept where it may be right, so a
   * slow answer moves nothing, and it goes back only by as much as it was certainly wrong.
   */
  heard(epoch: number, sent: number, received: number): void {
    const [earliest, latest] = [epoch - received, epoch - sent];
    this.#origin =
      this.#origin === null
        ? (earliest + latest) / 2
        : Math.min(latest, Math.max(earliest, this.#origin));
  }
}
