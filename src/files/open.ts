/**
 * Opens what lies in a workspace without ever leaving it, while others write there: each name is opened in the
 * folder that is held open already, and no link is followed, so nothing that is swapped in between leads outside.
 * Linux only: Node has no `openat`, and `/proc/self/fd/N/NAME` stands for it.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { FaultError } from '../faults.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
/** A pipe that nobody writes to is not waited for. */
const FILE = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** The path of a name in an open folder; as bytes where the name may be no text. Valid while the folder is open. */
export function within(folder: FileHandle, name: string): string;
export function within(folder: FileHandle, name: Buffer): Buffer;
export function within({ fd }: FileHandle, name: string | Buffer): string | Buffer {
  const path = `/proc/self/fd/${fd}/`;
  return typeof name === 'string' ? path + name : Buffer.concat([Buffer.from(path), name]);
}

/** Opens a folder, from the top on; the top is the operator's, may be a link, and is made when it is not there. */
export async function openFolder(top: string, segments: readonly string[]): Promise<FileHandle> {
  if (process.platform !== 'linux')
    throw new FaultError('path.refused', 'files can be reached on Linux only');
  await mkdir(top, { recursive: true, mode: 0o700 });
  let folder = await open(top, O_RDONLY | O_DIRECTORY);
  for (const name of segments) {
    await using parent = folder;
    folder = await openFolderIn(parent, name);
  }
  return folder;
}

export function openFolderIn(parent: FileHandle, name: string | Buffer): Promise<FileHandle> {
  return open(typeof name === 'string' ? within(parent, name) : within(parent, name), FOLDER);
}

/** @throws {FaultError} `file.notAFile` for a folder, a link, a pipe, a socket or a device; none is opened. */
export async function openFileIn(folder: FileHandle, name: string): Promise<FileHandle> {
  if (!(await lstat(within(folder, name))).isFile()) throw new FaultError('file.notAFile');
  const file = await open(within(folder, name), FILE);
  if ((await file.stat()).isFile()) return file;
  await file.close(); // it was swapped in between
  throw new FaultError('file.notAFile');
}

export function createFileIn(folder: FileHandle, name: string): Promise<FileHandle> {
  return open(within(folder, name), NEW_FILE, 0o644);
}

const UNKNOWN = ['ENOENT', 'ENOTDIR', 'ELOOP'];
const NOT_A_FILE = ['EISDIR', 'ENXIO', 'ENODEV'];
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What an error of the file system means to who asked; others are passed through. */
export function fileFault(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (UNKNOWN.includes(code)) return new FaultError('file.unknown');
  if (NOT_A_FILE.includes(code)) return new FaultError('file.notAFile');
  if (code === 'EEXIST') return new FaultError('file.exists');
  if (FULL.includes(code)) return new FaultError('store.full');
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new FaultError('path.refused', 'the server may not open it so');
  return code === 'ENAMETOOLONG' ? new FaultError('path.refused', 'a name is too long') : error;
}
