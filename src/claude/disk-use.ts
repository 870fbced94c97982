/** How much a folder holds. */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What even an empty entry counts for: a tree of countless small files is large, too. */
const ENTRY_BYTES = 512;

/** Bytes of all below `folder`, links not followed; stops counting past `bytesMax`. What goes meanwhile is nothing. */
export async function bytesBelow(folder: string, bytesMax: number): Promise<number> {
  const folders = [folder];
  let bytes = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const within: string = next;
    const entries: Dirent[] = await readdir(within, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(within, entry.name);
      if (entry.isDirectory()) folders.push(path);
      const size = entry.isFile()
        ? await lstat(path).then(
            (s) => s.size,
            () => 0,
          )
        : 0;
      bytes += ENTRY_BYTES + size;
      if (bytes > bytesMax) return bytes;
    }
  }
  return bytes;
}
