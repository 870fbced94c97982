/** Whether there is room on the store's disk. */
import { statfs } from 'node:fs/promises';

/** With less the store may refuse anything. */
const ROOM_BYTES = 1024 * 1024;

export async function isFull(dir: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize < ROOM_BYTES;
}
