/** Images that users brought along for their prompts. They are kept beside the journal, which only names them. */
import { createHash } from 'node:crypto';

const MIB = 1024 * 1024;
/** Images that no prompt names yet may take so much, of one user's. */
export const UNNAMED_BYTES_MAX = 20 * MIB;
/** The images of one prompt: a request to the Claude API may be 32 MB long, and base64 is a third longer. */
export const PROMPT_IMAGES_BYTES_MAX = 20 * MIB;
/** An image that no prompt names goes after so long. */
export const UNNAMED_MS = 24 * 3_600_000;

export interface Upload {
  readonly id: string;
  /** Of the bytes themselves: `image/png`, … */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface Uploads {
  /**
   * Keeps an image until a prompt names it, for a day at most; the same one again is kept once. One that a prompt
   * named stays as long as a conversation in which it was.
   * @returns False when it would be more than `UNNAMED_BYTES_MAX`, and nothing was kept.
   */
  putUpload(user: string, upload: Upload): Promise<boolean>;
  upload(user: string, id: string): Promise<Upload | null>;
}

/** The same for the same image of the same user, so that what is sent twice is known. */
export function uploadId(user: string, bytes: Uint8Array): string {
  return createHash('sha256').update(`${user}\0`).update(bytes).digest('base64url');
}

const PATH = '/chat/api/uploads/';

/** How messages name an image: by where it is under the usual base path, whatever base path this server has. */
export function uploadUrl(id: string): string {
  return PATH + id;
}

/** Null for anything `uploadUrl` cannot have made. */
export function uploadIdIn(url: string): string | null {
  const id = url.slice(PATH.length);
  return url.startsWith(PATH) && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : null;
}
