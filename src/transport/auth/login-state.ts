/**
 * A sign-in under way at the provider, bound to the browser that began it. No node keeps anything of it but which
 * ones it has seen come back: the browser holds a secret in a signed cookie, `login.<43>.<signature>`, and `state` is
 * `<22 of random>.<when, ms>.<43 of MAC>` over that secret. Nonce and PKCE verifier are derived from the secret.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { stringifySetCookie } from 'cookie';
import { sign } from 'cookie-signature';
import { type CookieRules, readSigned } from './cookie.ts';
import { isSameSecret } from './same-secret.ts';

/** Long enough for a password and a second factor. */
export const LOGIN_TTL_MS = 10 * 60_000;

/** States that came back and are remembered; the oldest is forgotten then: the provider takes its code once too. */
export const USED_MAX = 10_000;

/** The prefix keeps it from being taken for a sign-in, which the same keys sign. */
const VALUE = /^login\.([A-Za-z0-9_-]{43})$/;

const STATE = /^([A-Za-z0-9_-]{22}\.([0-9]{1,16}))\.[A-Za-z0-9_-]{43}$/;

export interface Login {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE: what it is hashed to goes through the browser, itself it goes to the provider alone. */
  readonly verifier: string;
}

export class LoginStates {
  readonly #getRules: () => CookieRules;
  readonly #now: () => number;
  /** States that came back, and until when each is remembered; the first is the oldest. */
  readonly #used = new Map<string, number>();

  /** @param rules Asked at each call: keys may be rotated meanwhile. */
  constructor(rules: () => CookieRules, now: () => number) {
    this.#getRules = rules;
    this.#now = now;
  }

  /**
   * Begins a sign-in. A browser that has a secret keeps it, so that several of its tabs may sign in at once; the
   * cookie is set again, so that it lasts as long as this one.
   */
  begin(cookieHeader: string | undefined): Login & { readonly setCookie: string } {
    const secret = this.#secretIn(cookieHeader) ?? randomBytes(32).toString('base64url');
    const [key] = this.#rules.secrets;
    if (key === undefined) throw new Error('no cookie secret');
    const begun = `${randomBytes(16).toString('base64url')}.${this.#now()}`;
    const state = `${begun}.${mac(key, secret, begun)}`;
    return { ...loginOf(secret, state), setCookie: this.#setCookie(`login.${secret}`, key) };
  }

  /** What `state` began with, once; null: not ours, of another browser, too old, or here before. */
  redeem(cookieHeader: string | undefined, state: string): Login | null {
    const secret = this.#secretIn(cookieHeader);
    const [, begun, at] = STATE.exec(state) ?? [];
    if (secret === null || begun === undefined) return null;
    const isOurs = this.#rules.secrets.some((key) =>
      isSameSecret(state, `${begun}.${mac(key, secret, begun)}`),
    );
    const now = this.#now();
    if (!isOurs || now >= Number(at) + LOGIN_TTL_MS || this.#used.has(state)) return null;
    this.#forget(now);
    // By the later of two nodes' clocks: it must not be forgotten before it is too old.
    this.#used.set(state, Math.max(now, Number(at)) + LOGIN_TTL_MS);
    return loginOf(secret, state);
  }

  /** States that are remembered. */
  get size(): number {
    return this.#used.size;
  }

  get #rules(): CookieRules {
    return this.#getRules();
  }

  #secretIn(cookieHeader: string | undefined): string | null {
    const value = readSigned(cookieHeader, this.#name, this.#rules);
    return value === null ? null : (VALUE.exec(value)?.[1] ?? null);
  }

  get #name(): string {
    return this.#rules.secure ? '__Host-greenroom-login' : 'greenroom-login';
  }

  #setCookie(value: string, key: string): string {
    return stringifySetCookie(
      {
        name: this.#name,
        value: sign(value, key),
        maxAge: LOGIN_TTL_MS / 1_000,
        path: '/',
        httpOnly: true,
        sameSite: 'lax', // the provider sends the browser back by a navigation from another site
        secure: this.#rules.secure,
      },
      { encode: (text) => text },
    );
  }

  #forget(now: number): void {
    for (const [state, until] of this.#used) {
      if (until > now && this.#used.size < USED_MAX) return;
      this.#used.delete(state);
    }
  }
}

/**
 * The nonce is the browser's, not the tab's (OpenID Connect Core, 15.5.2): Forgejo keeps one per user and application,
 * so the second of two tabs would take away the first one's. Each state has its own verifier.
 */
function loginOf(secret: string, state: string): Login {
  return { state, nonce: mac(secret, 'nonce'), verifier: mac(secret, 'verifier', state) };
}

function mac(key: string, ...parts: readonly string[]): string {
  return createHmac('sha256', key)
    .update(['greenroom login', ...parts].join('\0'))
    .digest('base64url');
}
