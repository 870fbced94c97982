/** What bytes are, by the bytes alone: neither a name nor what a client says of them counts. */
import { isUtf8 } from 'node:buffer';

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** Those that the Claude API takes, and that a browser shows without running anything. */
export const IMAGE_TYPES: readonly ImageType[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
];

/** How much of a file tells what it is. */
export const HEAD_BYTES = 4_096;
const UTF8_BYTES_MAX = 4;

/** Null: it is none of these. */
export function imageTypeOf(bytes: Uint8Array): ImageType | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(head)) return 'image/gif';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null;
}

/**
 * The type a browser may show a file as: a picture, or text as plain text. Null: it is only ever saved.
 * @param head Its first `HEAD_BYTES`, or all of it where that is less.
 */
export function shownType(head: Uint8Array): string | null {
  const image = imageTypeOf(head);
  if (image !== null) return image;
  return !head.includes(0) && isCutUtf8(head) ? 'text/plain; charset=utf-8' : null;
}

/** A character at the end may be cut off. */
function isCutUtf8(head: Uint8Array): boolean {
  if (head.length < HEAD_BYTES) return isUtf8(head);
  for (let cut = 0; cut < UTF8_BYTES_MAX; cut++)
    if (isUtf8(head.subarray(0, head.length - cut))) return true;
  return false;
}
