/** Disks that a test can fill up and free again: a file system of its own, or a limit on what a process may write. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly dir: string;
  /** A limit on one process is no lack of room that others could see. */
  readonly readyzSays: 'full' | 'ok';
  /** From now on process `pid` can write so many bytes more, about. */
  fill(pid: number, leaveBytes?: number): void;
  free(pid: number): void;
  remove(): void;
}

const SIZE_MB = 64;
const BLOCK = 64 * 1024;

/** A file system in memory: a write past its size fails with ENOSPC. @throws Where none may be mounted. */
export function tmpfsDisk(): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', dir], {
      stdio: 'ignore',
    });
  } catch (error) {
    rmSync(dir, { recursive: true });
    throw error;
  }
  const filler = join(dir, 'filler');
  return {
    dir,
    readyzSays: 'full',
    fill(_, leaveBytes = 0) {
      const { bavail, bsize } = statfsSync(dir);
      const file = openSync(filler, 'w');
      const block = Buffer.alloc(BLOCK, 1);
      try {
        for (let left = bavail * bsize - leaveBytes; left > 0 || leaveBytes === 0; left -= BLOCK)
          writeSync(file, block, 0, leaveBytes === 0 ? BLOCK : Math.min(BLOCK, left));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
    remove() {
      execFileSync('umount', [dir]);
      rmSync(dir, { recursive: true });
    },
  };
}

/** A limit on the size of files a process writes: past it a write fails with EFBIG. Needs no privilege. */
export function limitedDisk(): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-disk-'));
  const limit = (pid: number, bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    dir,
    readyzSays: 'ok',
    fill(pid, leaveBytes = 0) {
      const sizes = readdirSync(dir)
        .filter((name) => name.startsWith('greenroom.db'))
        .map((name) => statSync(join(dir, name)).size);
      limit(pid, leaveBytes === 0 ? 0 : Math.max(0, ...sizes) + leaveBytes);
    },
    free: (pid) => void limit(pid, 'unlimited'),
    remove: () => rmSync(dir, { recursive: true }),
  };
}

/** Why this kind of disk is not to be had here, else null. */
export function isMissing(make: () => SmallDisk): string | null {
  try {
    const disk = make();
    disk.fill(process.pid, 1024 * 1024);
    disk.free(process.pid);
    disk.remove();
    return null;
  } catch (error) {
    return `not to be had here: ${(error as Error).message.split('\n')[0]}`;
  }
}
