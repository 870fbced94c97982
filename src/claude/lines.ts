/** No line of the CLI over 416 KB was ever recorded; 16 MB leaves room and still bounds a broken writer. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. A character split over two chunks survives, because bytes are only
 * decoded once their line is whole. A line over `bytesMax` is dropped and counted, and the next one is
 * read as if nothing had happened, so a runaway line costs itself and no memory.
 */
export class LineSplitter {
  /** Over-long lines dropped so far. */
  dropped = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #skipping = false;
  readonly #bytesMax: number;

  constructor(bytesMax = LINE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the lines that `chunk` completes, without their newlines; empty lines are left out. */
  push(chunk: Buffer): string[] {
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#keep(chunk);
      return [];
    }
    const last = chunk.lastIndexOf(NEWLINE);
    this.#keep(chunk.subarray(0, first));
    const lines = this.#take();
    if (last > first) lines.push(...chunk.toString('utf8', first + 1, last).split('\n'));
    this.#keep(chunk.subarray(last + 1));
    return lines.filter((line) => line !== '');
  }

  /** The last line, when the stream ended without a newline. */
  end(): string[] {
    return this.#take().filter((line) => line !== '');
  }

  #keep(part: Buffer): void {
    if (part.length === 0 || this.#skipping) return;
    this.#tailBytes += part.length;
    if (this.#tailBytes <= this.#bytesMax) {
      this.#tail.push(part);
      return;
    }
    this.dropped += 1;
    this.#skipping = true;
    this.#tail = [];
  }

  #take(): string[] {
    const line = this.#skipping
      ? []
      : [Buffer.concat(this.#tail, this.#tailBytes).toString('utf8')];
    this.#tail = [];
    this.#tailBytes = 0;
    this.#skipping = false;
    return line;
  }
}
