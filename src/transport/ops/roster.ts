/** The list of what lives, kept up to date for everyone who looks at it; nothing is done while nobody does. */
import type { ActorRow, OpsServerFrame } from './protocol.ts';

/** How often it is looked at. */
const LOOK_MS = 500;
/** Rows a frame holds at most: what comes first is shown before the last has come. */
const ROWS_MAX = 500;

/** With more than this unsent the next part waits, and looks again so often. */
const UNSENT_BYTES_MAX = 256 * 1024;
const TAKEN_MS = 20;

type Tell = (frame: OpsServerFrame) => void;

interface Known {
  readonly row: ActorRow;
  /** What it was told as. */
  readonly text: string;
}

export class Roster {
  readonly #read: () => ActorRow[];
  readonly #audience = new Set<Tell>();
  #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | null = null;

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
    this.#audience.add(tell);
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
    void this.#tellAll(tell, unsentBytes);
    return () => {
      this.#audience.delete(tell);
      if (this.#audience.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#known.clear();
    };
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
    for (const tell of this.#audience) tell({ type: 'changed', rows, gone });
  }
}
