/** How many lines each user has open, so that no one can take them all. */
import type { EventEmitter } from 'node:events';

export class SocketCount {
  readonly #max: number;
  readonly #of = new Map<string, number>();

  /** @param max Lines one user may have open at once. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Counts one more line of a user until it closes. False: that would be one too many. */
  add(user: string, line: EventEmitter): boolean {
    const own = this.#of.get(user) ?? 0;
    if (own >= this.#max) return false;
    this.#of.set(user, own + 1);
    line.once('close', () => {
      const rest = (this.#of.get(user) ?? 1) - 1;
      if (rest > 0) this.#of.set(user, rest);
      else this.#of.delete(user);
    });
    return true;
  }
}
