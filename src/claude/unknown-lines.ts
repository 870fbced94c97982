/** Counts what a CLI says that this release does not know, by kind. */

/** Kinds counted by name; all others together, as `other`. */
const NAMES_MAX = 50;
const OTHER = 'other';

export class UnknownLines {
  readonly #counts = new Map<string, number>();
  readonly #onNew: (what: string) => void;

  /** @param onNew Hears each name once. */
  constructor(onNew: (what: string) => void) {
    this.#onNew = onNew;
  }

  count(what: string): void {
    const name = this.#counts.has(what) || this.#counts.size < NAMES_MAX ? what : OTHER;
    const before = this.#counts.get(name);
    this.#counts.set(name, (before ?? 0) + 1);
    if (before === undefined) this.#onNew(name);
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
