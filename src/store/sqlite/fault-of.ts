/** Which fault an error of SQLite's is, by its extended result code. */
import type { FaultCode } from '../../faults.ts';

const FULL: ReadonlySet<unknown> = new Set([
  13, // SQLITE_FULL: no space on the device
  778, // SQLITE_IOERR_WRITE: a quota, or a limit on the file's size
]);

export function faultOf(error: unknown): FaultCode {
  return FULL.has((error as { errcode?: unknown }).errcode) ? 'store.full' : 'store.unavailable';
}
