/** The list of what lives, kept up to date for everyone who looks at it; nothing is done while nobody does. */
import { Audience, type Tell } from './audience.ts';
import type { ActorRow } from './protocol.ts';

/** How often it is looked at. */
const LOOK_MS = 500;
/** Rows a frame holds at most: what comes first is shown before the last has come. */
const ROWS_MAX = 500;

/** With more than this unsent the next part waits, and looks again so often. */
const UNSENT_BYTES_MAX = 256 * 1024;
const TAKEN_MS = 20;

interface Known {
  readonly row: ActorRow;
  /** What it was told as. */
  readonly text: string;
}

export class Roster {
  readonly #read: () => ActorRow[];
  readonly #audience = new Audience({
    everyMs: LOOK_MS,
    beat: () => this.look(),
    onEmpty: () => this.#known.clear(),
  });
  #known = new Map<string, Known>();

  constructor(read: () => ActorRow[]) {
    this.#read = read;
  }

  /**
   * Tells all there are, as fast as they are taken, and from now on what is another.
   * @param unsentBytes What who is told has not taken yet.
   * @returns The end of it.
   */
  join(tell: Tell, unsentBytes: () => number): () => void {
    this.look();
    const leave = this.#audience.join(tell);
    void this.#tellAll(tell, unsentBytes);
    return leave;
  }

  /** Each row as it is when its part is told: it may have changed, and that been told, before. */
  async #tellAll(tell: Tell, unsentBytes: () => number): Promise<void> {
    const ids = [...this.#known.keys()];
    for (let from = 0; from === 0 || from < ids.length; from += ROWS_MAX) {
      while (unsentBytes() > UNSENT_BYTES_MAX && this.#audience.has(tell))
        await new Promise((resolve) => setTimeout(resolve, TAKEN_MS).unref());
      if (!this.#audience.has(tell)) return;
      const to = from + ROWS_MAX;
      const rows = ids.slice(from, to).flatMap((id) => this.#known.get(id)?.row ?? []);
      tell({ type: 'actors', rows, last: to >= ids.length });
    }
  }

  look(): void {
    const before = this.#known;
    this.#known = new Map();
    const rows: ActorRow[] = [];
    for (const row of this.#read()) {
      const text = JSON.stringify(row);
      this.#known.set(row.id, { row, text });
      if (before.get(row.id)?.text !== text) rows.push(row);
    }
    const gone = [...before.keys()].filter((id) => !this.#known.has(id));
    if (rows.length === 0 && gone.length === 0) return;
    this.#audience.tell({ type: 'changed', rows, gone });
  }
}
