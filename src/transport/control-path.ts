/** Where the server of a data directory is asked. */
import { join } from 'node:path';

/** Linux's limit for the path of a Unix socket. */
const PATH_BYTES_MAX = 107;

/** @throws When the path is too long for a socket: the message names the setting to change. */
export function controlPath(dataDir: string): string {
  const path = join(dataDir, 'control.sock');
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw new Error(
      `CHAT_DATA_DIR: ${path} is over ${PATH_BYTES_MAX} bytes, too long for a socket; choose a shorter one`,
    );
  }
  return path;
}
