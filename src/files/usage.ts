/** How many bytes lie in a workspace, and whether more may. */
import { type FileHandle, lstat, opendir, unlink } from 'node:fs/promises';
import { FaultError } from '../faults.ts';
import { openFolder, openFolderIn, within } from './open.ts';
import { DEPTH_MAX } from './path.ts';

/** A count is good for so long. */
const FRESH_MS = 5_000;
/** Entries that are counted; what lies beyond is not, so that a count ends. */
const ENTRIES_MAX = 100_000;
/** Entries that are looked at together. */
const BATCH = 64;
/** An upload that is older was left by a server that died. */
const ABANDONED_MS = 3_600_000;
/** Uploads on their way, which count as taken and not as there. */
export const UPLOADING = /^\.upload-[0-9a-f-]{36}\.part$/;

export class Usage {
  readonly #top: string;
  readonly #quotaBytes: number | null;
  readonly #now: () => number;
  #counted = { bytes: 0, at: Number.NEGATIVE_INFINITY };
  #counting: Promise<void> | null = null;
  #taken = 0;
  /** Since the last walk began, which may have seen it or not: rather counted twice than not at all. */
  #grown = 0;

  constructor(top: string, quotaBytes: number | null, now: () => number) {
    this.#top = top;
    this.#quotaBytes = quotaBytes;
    this.#now = now;
  }

  /** Counted at most every few seconds, by one walk at a time. */
  async bytes(): Promise<number> {
    if (this.#now() - this.#counted.at >= FRESH_MS) {
      this.#counting ??= this.#count().finally(() => {
        this.#counting = null;
      });
      await this.#counting;
    }
    return this.#counted.bytes;
  }

  /** Sets room aside for what is on its way. @throws {FaultError} `file.quota`, and nothing is set aside. */
  take(bytes: number): void {
    const { bytes: there } = this.#counted;
    if (this.#quotaBytes !== null && there + this.#taken + bytes > this.#quotaBytes)
      throw new FaultError('file.quota');
    this.#taken += bytes;
  }

  /** What was set aside is there now, `grown` of it in addition to what was; or it never came: 0. */
  settle(taken: number, grown: number): void {
    this.#taken -= taken;
    this.#counted.bytes += grown;
    this.#grown += grown;
  }

  async #count(): Promise<void> {
    const at = this.#now();
    this.#grown = 0;
    await using folder = await openFolder(this.#top, []);
    const walk = { bytes: 0, left: ENTRIES_MAX, abandonedBefore: Date.now() - ABANDONED_MS };
    await countIn(folder, walk, 0);
    this.#counted = { bytes: walk.bytes + this.#grown, at };
  }
}

interface Walk {
  bytes: number;
  left: number;
  readonly abandonedBefore: number;
}

async function countIn(folder: FileHandle, walk: Walk, depth: number): Promise<void> {
  for await (const names of batches(folder)) {
    walk.left -= names.length;
    const entries = await Promise.all(names.map((name) => statIn(folder, name)));
    for (const { name, stats } of entries) {
      if (stats?.isFile()) await countFile(folder, name, stats, walk);
      else if (stats?.isDirectory() && depth < DEPTH_MAX)
        await countFolder(folder, name, walk, depth);
    }
    if (walk.left <= 0) return;
  }
}

async function countFile(
  folder: FileHandle,
  name: Buffer,
  { size, mtimeMs }: { size: number; mtimeMs: number },
  walk: Walk,
): Promise<void> {
  if (!UPLOADING.test(name.toString())) walk.bytes += size;
  else if (mtimeMs < walk.abandonedBefore) await unlink(within(folder, name)).catch(() => {});
}

/** One that cannot be opened, or has gone since, counts nothing. */
async function countFolder(parent: FileHandle, name: Buffer, walk: Walk, depth: number) {
  const opened = await openFolderIn(parent, name).catch(() => null);
  if (opened === null) return;
  await using folder = opened;
  await countIn(folder, walk, depth + 1);
}

/** The names in a folder, a few at a time; at most `ENTRIES_MAX`. */
async function* batches(folder: FileHandle): AsyncGenerator<Buffer[]> {
  let names: Buffer[] = [];
  for await (const name of namesIn(folder)) {
    names.push(name);
    if (names.length < BATCH) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
}

/** The names in a folder as they are on the disk, which need not be text. */
export async function* namesIn(folder: FileHandle): AsyncGenerator<Buffer> {
  // Typed as text whatever the encoding.
  const entries = await opendir(within(folder, '.'), { encoding: 'buffer' as BufferEncoding });
  for await (const { name } of entries) yield name as unknown as Buffer;
}

/** Without following links; null for one that has gone. */
export async function statIn(folder: FileHandle, name: Buffer) {
  return { name, stats: await lstat(within(folder, name)).catch(() => null) };
}
