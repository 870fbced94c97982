/** The memory of processes as it was looked at last: reading it takes a while, and a list does not wait. */
const STALE_MS = 2_000;

export class MemoryWatch {
  readonly #look: (pid: number) => Promise<number>;
  readonly #now: () => number;
  /** By who has the process, and forgotten with them. */
  readonly #seen = new WeakMap<object, { bytes: number | undefined; at: number }>();

  /** @param look Resident bytes; @param now Milliseconds. */
  constructor(look: (pid: number) => Promise<number>, now: () => number) {
    this.#look = look;
    this.#now = now;
  }

  /** Undefined until it was looked at once, and where it has gone. @param owner Has this process and no other. */
  of(owner: object, pid: number): number | undefined {
    const seen = this.#seen.get(owner);
    const now = this.#now();
    if (seen === undefined || now - seen.at > STALE_MS) {
      this.#seen.set(owner, { bytes: seen?.bytes, at: now });
      void this.#look(pid).then((bytes) =>
        this.#seen.set(owner, { bytes: bytes > 0 ? bytes : undefined, at: now }),
      );
    }
    return seen?.bytes;
  }
}
