/**
 * A CLI session's transcript as it is kept for the server that goes on with it: what it has grown by is kept, and what
 * is kept is put back where the file is missing or is another's.
 */
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The largest piece that is kept at once; a longer growth is several. */
export const PIECE_BYTES = 1024 ** 2;
const NEWLINE = 10;

export interface TranscriptPorts {
  /** All that was kept; null: nothing was. */
  load(): Promise<Uint8Array | null>;
  /** What was kept from `at` on is replaced. */
  keep(at: number, bytes: Uint8Array): Promise<void>;
}

export class KeptTranscript {
  readonly #fileNow: () => string;
  readonly #ports: TranscriptPorts;
  #keptBytes = 0;

  /** @param fileNow Asked each time, as it moves with where the conversation works. */
  constructor(fileNow: () => string, ports: TranscriptPorts) {
    this.#fileNow = fileNow;
    this.#ports = ports;
  }

  /** Before a launch. A file that goes on from what was kept (shared storage, or kept late) is left as it is. */
  async restore(): Promise<void> {
    const kept = await this.#ports.load();
    this.#keptBytes = kept?.length ?? 0;
    if (kept === null) return;
    const path = this.#fileNow();
    const there = await readFile(path).catch(() => null);
    if (there?.subarray(0, kept.length).equals(kept)) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.${crypto.randomUUID()}`;
    await writeFile(fresh, kept, { mode: 0o600, flush: true });
    await rename(fresh, path);
  }

  /** Keeps what was written since, in whole lines; a file that has become shorter is kept anew. One call at a time. */
  async keep(): Promise<void> {
    const file = await open(this.#fileNow()).catch(() => null);
    if (file === null) return; // nothing was said yet
    try {
      const { size } = await file.stat();
      let at = size < this.#keptBytes ? 0 : this.#keptBytes;
      const grown = Buffer.alloc(size - at);
      const { bytesRead } = await file.read(grown, 0, grown.length, at);
      this.#keptBytes = 0; // what fails on the way is kept anew the next time
      const end = grown.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      for (let from = 0; from < end; from += PIECE_BYTES) {
        const piece = grown.subarray(from, Math.min(from + PIECE_BYTES, end));
        await this.#ports.keep(at, piece);
        at += piece.length;
      }
      this.#keptBytes = at;
    } finally {
      await file.close();
    }
  }
}
