/** What a client may call a file: a path inside a workspace, never out of it. */
import { FaultError } from '../faults.ts';

/** Linux's own bounds, but for the depth. */
const PATH_BYTES_MAX = 4_095;
const NAME_BYTES_MAX = 255;
export const DEPTH_MAX = 64;

/**
 * The names on the way to a file, from the top of the workspace on; none: the top itself. Whether they exist, and
 * what they are, is for whoever opens them.
 * @throws {FaultError} `path.refused`, with the reason.
 */
export function segmentsOf(path: string): string[] {
  if (path === '') return [];
  const segments = path.split('/');
  const why = refusal(path, segments);
  if (why !== null) throw new FaultError('path.refused', why);
  return segments;
}

function refusal(path: string, segments: readonly string[]): string | null {
  if (path.startsWith('/')) return 'it begins with a slash';
  if (path.includes('\0')) return 'it holds a NUL character';
  if (!path.isWellFormed()) return 'it is no text';
  if (segments.some((name) => name === '')) return 'a name in it is empty';
  if (segments.some((name) => name === '.' || name === '..')) return 'it holds . or ..';
  if (segments.some((name) => Buffer.byteLength(name) > NAME_BYTES_MAX))
    return 'a name is too long';
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return 'it is too long';
  return segments.length > DEPTH_MAX ? `it is over ${DEPTH_MAX} folders deep` : null;
}
