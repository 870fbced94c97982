/** The list of what lives, kept up to date for everyone who looks at it; nothing is done while nobody does. */
import type { ActorRow, OpsServerFrame } from './protocol.ts';

/** How often it is looked at. */
const LOOK_MS = 500;
/** Rows a frame holds at most: what comes first is shown before the last has come. */
const ROWS_MAX = 500;

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

  /** Tells all there are, and from then on what is another. @returns The end of it. */
  join(tell: Tell): () => void {
    this.look();
    this.#audience.add(tell);
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
    const rows = [...this.#known.values()].map(({ row }) => row);
    for (let from = 0; from === 0 || from < rows.length; from += ROWS_MAX)
      tell({
        type: 'actors',
        rows: rows.slice(from, from + ROWS_MAX),
        last: from + ROWS_MAX >= rows.length,
      });
    return () => {
      this.#audience.delete(tell);
      if (this.#audience.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
      this.#known.clear();
    };
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
