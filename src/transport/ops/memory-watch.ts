/** The memory of processes as it was looked at last: reading it takes a while, and a list does not wait. */
const STALE_MS = 2_000;

export class MemoryWatch {
  readonly #look: (pid: number) => Promise<number>;
  readonly #now: () => number;
  readonly #seen = new Map<number, { bytes: number | undefined; at: number }>();

  /** @param look Resident bytes; @param now Milliseconds. */
  constructor(look: (pid: number) => Promise<number>, now: () => number) {
    this.#look = look;
    this.#now = now;
  }

  /** Undefined until it was looked at once. What nobody asks for any more is forgotten. */
  of(pid: number): number | undefined {
    const seen = this.#seen.get(pid);
    const now = this.#now();
    if (seen === undefined || now - seen.at > STALE_MS) {
      this.#seen.set(pid, { bytes: seen?.bytes, at: now });
      void this.#look(pid).then((bytes) => {
        if (bytes > 0) this.#seen.set(pid, { bytes, at: now });
        else this.#seen.delete(pid);
      });
    }
    return seen?.bytes;
  }
}
