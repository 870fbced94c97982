/** A user's files: one folder at a time is listed, one file at a time is read or written, and none outside. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, lstat, rename, unlink } from 'node:fs/promises';
import { FaultError } from '../faults.ts';
import type { FileView, FolderView } from '../transport/views.ts';
import { createFileIn, fileFault, openFileIn, openFolder, within } from './open.ts';
import { segmentsOf } from './path.ts';
import { namesIn, statIn, UPLOADING, Usage } from './usage.ts';

const ENTRIES_MAX = 1_000;
/** Names of a folder that are looked at; the first of them, in order, are told. */
const NAMES_MAX = 10_000;

export interface WorkspaceBounds {
  /** Of one file. */
  readonly maxUploadBytes: number;
  /** Of all files together; null: no bound. */
  readonly workspaceQuotaBytes: number | null;
}

/** A file that was found; whoever gets it closes it. */
export interface OpenedFile {
  readonly file: FileHandle;
  readonly name: string;
  readonly bytes: number;
  /** Another one whenever the file was written to. */
  readonly version: string;
}

export interface Upload {
  readonly body: AsyncIterable<Buffer>;
  /** Known before it comes; null: it is not. */
  readonly bytes: number | null;
  /** Whether it may take the place of a file that is there. */
  readonly mayReplace: boolean;
}

/** Errors of all methods are faults: `path.refused`, `file.*`, or `store.full`. */
export class Workspace {
  readonly #top: string;
  readonly #bounds: WorkspaceBounds;
  readonly #usage: Usage;

  constructor(top: string, bounds: WorkspaceBounds, now: () => number) {
    this.#top = top;
    this.#bounds = bounds;
    this.#usage = new Usage(top, bounds.workspaceQuotaBytes, now);
  }

  /** Folders first, then by name; at most 1000 entries. Links are told, and lead nowhere. */
  async list(path: string): Promise<FolderView> {
    const segments = segmentsOf(path);
    return faulty(async () => {
      await using folder = await openFolder(this.#top, segments);
      const { names, more } = await firstNames(folder);
      const entries = (await Promise.all(names.map((name) => viewIn(folder, name))))
        .filter((entry) => entry !== null)
        .sort(foldersFirst);
      return {
        path,
        entries: entries.slice(0, ENTRIES_MAX),
        truncated: more || entries.length > ENTRIES_MAX,
        usedBytes: await this.#usage.bytes(),
        quotaBytes: this.#bounds.workspaceQuotaBytes,
      };
    });
  }

  async open(path: string): Promise<OpenedFile> {
    const { segments, name } = fileNameIn(path);
    return faulty(async () => {
      await using folder = await openFolder(this.#top, segments);
      const file = await openFileIn(folder, name);
      const { size, ino, mtimeNs } = await file.stat({ bigint: true });
      return { file, name, bytes: Number(size), version: `${ino}-${size}-${mtimeNs}` };
    });
  }

  /** Whole or not at all, and durable. `isNew`: nothing was there before. */
  async write(path: string, upload: Upload): Promise<{ view: FileView; isNew: boolean }> {
    const { segments, name } = fileNameIn(path);
    if ((upload.bytes ?? 0) > this.#bounds.maxUploadBytes) throw new FaultError('file.tooLarge');
    return faulty(async () => {
      await using folder = await openFolder(this.#top, segments);
      const before = await replacedIn(folder, name, upload.mayReplace);
      const part = `.upload-${randomUUID()}.part`;
      let taken = 0;
      let grown = 0;
      try {
        if (this.#bounds.workspaceQuotaBytes !== null) await this.#usage.bytes();
        await using file = await createFileIn(folder, part);
        for await (const bytes of this.#admitted(upload)) {
          taken += bytes.length;
          await file.writeFile(bytes);
        }
        await file.sync();
        await place(folder, part, name, upload.mayReplace);
        grown = taken - (before ?? 0);
        await folder.sync();
        const { mtimeMs } = await file.stat();
        const view = { name, kind: 'file' as const, bytes: taken, modifiedAt: Math.round(mtimeMs) };
        return { view, isNew: before === null };
      } finally {
        await unlink(within(folder, part)).catch(() => {}); // it is in its place, or not wanted
        this.#usage.settle(taken, grown);
      }
    });
  }

  /** The body, as far as there is room for it: room for each piece is set aside before it is handed on. */
  async *#admitted({ body, bytes }: Upload): AsyncGenerator<Buffer> {
    // One that says how long it is and is too long is refused before any of it is read.
    this.#usage.take(bytes ?? 0);
    this.#usage.settle(bytes ?? 0, 0);
    let length = 0;
    for await (const piece of body) {
      length += piece.length;
      if (length > this.#bounds.maxUploadBytes) throw new FaultError('file.tooLarge');
      this.#usage.take(piece.length);
      yield piece;
    }
  }
}

function fileNameIn(path: string): { segments: string[]; name: string } {
  const segments = segmentsOf(path);
  const name = segments.pop();
  if (name === undefined) throw new FaultError('file.notAFile');
  if (UPLOADING.test(name)) throw new FaultError('path.refused', 'that name is the server’s own');
  return { segments, name };
}

/** The size of what an upload takes the place of; null: nothing is there. */
async function replacedIn(folder: FileHandle, name: string, mayReplace: boolean) {
  const there = await lstat(within(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (there === null) return null;
  if (!mayReplace) throw new FaultError('file.exists');
  if (!there.isFile()) throw new FaultError('file.notAFile');
  return there.size;
}

/** Neither follows a link at the new name: a hard link is refused where something is, a rename replaces it. */
async function place(folder: FileHandle, part: string, name: string, mayReplace: boolean) {
  const [from, to] = [within(folder, part), within(folder, name)];
  await (mayReplace ? rename(from, to) : link(from, to));
}

async function firstNames(folder: FileHandle): Promise<{ names: Buffer[]; more: boolean }> {
  const names: Buffer[] = [];
  for await (const name of namesIn(folder)) {
    if (UPLOADING.test(name.toString())) continue;
    if (names.length === NAMES_MAX) return { names, more: true };
    names.push(name);
  }
  return { names, more: false };
}

async function viewIn(folder: FileHandle, name: Buffer): Promise<FileView | null> {
  const { stats } = await statIn(folder, name);
  if (stats === null) return null;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  const bytes = kind === 'file' ? stats.size : 0;
  return { name: name.toString(), kind, bytes, modifiedAt: Math.round(stats.mtimeMs) };
}

function foldersFirst(a: FileView, b: FileView): number {
  const byKind = Number(b.kind === 'folder') - Number(a.kind === 'folder');
  return byKind || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

async function faulty<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFault(error);
  }
}
