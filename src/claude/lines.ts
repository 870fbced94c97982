/** No line of the CLI over 416 KB was ever recorded; 16 MB leaves room and still bounds a broken writer. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Lines that repeat what was streamed: the text of a block, the last one's of a turn. One over `REPEAT_BYTES_MAX`
 * (more than a model writes in a turn) loses its middle: held and parsed, it is in memory four times.
 */
const REPEATS = /^\{"(?:type":"assistant"|is_error":)/;
const REPEAT_BYTES_MAX = 1024 * 1024;
/** So much of its head stays, with ids and flags; the rest is its tail, with the usage. */
const HEAD_BYTES = REPEAT_BYTES_MAX / 4;
/** Where the two meet, so much may go to find a place for the cut. */
const SEAM_BYTES = 64;
/** An escape that is not over yet. */
const HALF_ESCAPE = /(?<!\\)(?:\\\\)*\\(?:u[\da-f]{0,3})?$/i;

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. A character split over two chunks survives, because bytes are only
 * decoded once their line is whole. A line over `bytesMax` is dropped and counted, and the next one is
 * read as if nothing had happened, so a runaway line costs itself and no memory. A long line that only repeats
 * comes without its middle.
 */
export class LineSplitter {
  /** Over-long lines dropped so far. */
  dropped = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  /** Of a line without its middle: how many parts are its head. */
  #headParts = 0;
  #skipping = false;
  readonly #bytesMax: number;

  constructor(bytesMax = LINE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the lines that `chunk` completes, without their newlines; empty lines are left out. */
  push(chunk: Buffer): string[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last === -1) {
      this.#keep(chunk);
      return [];
    }
    const begun = this.#tailBytes > 0 ? chunk.indexOf(NEWLINE) : -1;
    const ended = begun === -1 ? [] : this.#end(chunk.subarray(0, begun));
    const whole = chunk.toString('utf8', begun + 1, last).split('\n');
    this.#keep(chunk.subarray(last + 1));
    const lines = ended.length === 0 ? whole : [...ended, ...whole];
    return lines.includes('') ? lines.filter((line) => line !== '') : lines;
  }

  /** The last line, when the stream ended without a newline. */
  end(): string[] {
    return this.#take().filter((line) => line !== '');
  }

  /** The line that began in an earlier chunk. */
  #end(part: Buffer): string[] {
    this.#keep(part);
    return this.#take();
  }

  #keep(part: Buffer): void {
    if (part.length === 0 || this.#skipping) return;
    this.#tailBytes += part.length;
    if (this.#tailBytes <= this.#bytesMax) {
      this.#tail.push(part);
      if (repeats(this.#tail[0])) this.#shorten();
      return;
    }
    this.dropped += 1;
    this.#skipping = true;
    this.#tail = [];
  }

  /** Lets go of what is behind the head, read by read: nothing is copied. */
  #shorten(): void {
    while (this.#tailBytes > REPEAT_BYTES_MAX) {
      if (this.#headParts === 0) this.#headParts = partsOf(this.#tail, HEAD_BYTES);
      const [gone] = this.#tail.splice(this.#headParts, 1);
      if (gone === undefined) return;
      this.#tailBytes -= gone.length;
    }
  }

  #take(): string[] {
    const line = this.#skipping ? [] : [this.#join().toString('utf8')];
    this.#tail = [];
    this.#headParts = 0;
    this.#tailBytes = 0;
    this.#skipping = false;
    return line;
  }

  #join(): Buffer {
    if (this.#headParts === 0) return Buffer.concat(this.#tail, this.#tailBytes);
    const head = Buffer.concat(this.#tail.slice(0, this.#headParts));
    const tail = Buffer.concat(this.#tail.slice(this.#headParts));
    const end = cutAfter(head, head.length - SEAM_BYTES);
    return Buffer.concat([head.subarray(0, end), tail.subarray(cutAfter(tail, SEAM_BYTES))]);
  }
}

function repeats(start: Buffer | undefined): boolean {
  return start !== undefined && REPEATS.test(start.toString('latin1', 0, 32));
}

/** How many parts hold the first `bytes`. */
function partsOf(parts: readonly Buffer[], bytes: number): number {
  let left = bytes;
  const last = parts.findIndex(({ length }) => {
    left -= length;
    return left <= 0;
  });
  return last + 1;
}

/** The first place from `at` on that is within no character and no escape, so that JSON can be cut there. */
function cutAfter(bytes: Buffer, at: number): number {
  const isWithin = (place: number) =>
    ((bytes[place] ?? 0) & 0xc0) === 0x80 ||
    HALF_ESCAPE.test(bytes.toString('latin1', Math.max(0, place - SEAM_BYTES), place));
  let place = at;
  while (place < bytes.length && isWithin(place)) place += 1;
  return place;
}
