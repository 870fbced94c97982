/**
 * What the edge says about a request: that it came through it, and whose it is. It is a second factor beside the
 * cookie and never stands for one: a header alone makes nobody known.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isSameSecret } from './same-secret.ts';

export class EdgeWord {
  readonly #secret: string | null;

  /** @param secret What the edge sends as `X-Forward-Auth-Secret`; null: there is no edge that has one. */
  constructor(secret: string | null) {
    this.#secret = secret;
  }

  /** Whether the edge asks, as far as it can be told from anybody else. */
  mayBeEdge(headers: IncomingHttpHeaders): boolean {
    return this.#secret === null || this.#isEdge(headers);
  }

  /**
   * Whether it does not contradict the cookie of `user`. With an edge, a request that names its user must name that
   * one; one that shows the secret must name one: a client can make an edge drop a header on its way
   * (`Connection: X-Forwarded-User`).
   */
  confirms(headers: IncomingHttpHeaders, user: string): boolean {
    if (this.#secret === null) return true;
    const named = headers['x-forwarded-user'];
    return named === undefined ? !this.#isEdge(headers) : named === user;
  }

  #isEdge(headers: IncomingHttpHeaders): boolean {
    if (this.#secret === null) return false;
    return isSameSecret(String(headers['x-forward-auth-secret']), this.#secret);
  }
}
