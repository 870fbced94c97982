import type { Cursor } from '../../transport/protocol.ts';

/** How many applied cursors are remembered; a replay overlaps by far less. */
const SEEN_MAX = 20_000;

/** Which frames were applied already; the oldest are forgotten. */
export class Seen {
  readonly #cursors = new Set<Cursor>();

  /** Notes a frame. @returns Whether it is the first time. */
  note(id: Cursor): boolean {
    if (this.#cursors.has(id)) return false;
    this.#cursors.add(id);
    if (this.#cursors.size > SEEN_MAX) {
      const oldest = this.#cursors.values().next();
      if (!oldest.done) this.#cursors.delete(oldest.value);
    }
    return true;
  }

  clear(): void {
    this.#cursors.clear();
  }
}
