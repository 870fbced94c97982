/** Sign-in links of local mode: each works once, and only for a while. In memory: a restart makes new ones. */
import { randomBytes } from 'node:crypto';

/** Long enough to walk to the other screen, short enough for a terminal's scrollback. */
export const CODE_TTL_MS = 30 * 60_000;

/** Links open at once; the oldest is dropped, so asking for many costs no memory. */
const CODES_MAX = 16;

export class OneTimeCodes {
  readonly #now: () => number;
  readonly #expiry = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(): string {
    const code = randomBytes(24).toString('base64url');
    this.#expiry.set(code, this.#now() + CODE_TTL_MS);
    const [oldest] = this.#expiry.keys();
    if (this.#expiry.size > CODES_MAX && oldest !== undefined) this.#expiry.delete(oldest);
    return code;
  }

  /** Whether `code` was open; it is not any more. */
  redeem(code: string): boolean {
    const expiresAt = this.#expiry.get(code);
    this.#expiry.delete(code);
    return expiresAt !== undefined && expiresAt > this.#now();
  }
}
