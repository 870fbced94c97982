/** The sign-in cookie: `<43 base64url characters>.<signature>`, signed by the first key, verified by all. */
import { createHash, randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import { sign, unsign } from 'cookie-signature';

/** 256 bits as base64url. */
const ID = /^[A-Za-z0-9_-]{43}$/;

export interface CookieRules {
  readonly secrets: readonly string[];
  /** Whether browsers reach us by https. */
  readonly secure: boolean;
}

export function cookieName({ secure }: CookieRules): string {
  return secure ? '__Host-greenroom' : 'greenroom';
}

export function newSignInId(): string {
  return randomBytes(32).toString('base64url');
}

/** What the store keeps of an id: enough to find it, useless to whoever reads the store. */
export function hashId(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

export function signId(id: string, { secrets }: CookieRules): string {
  const [first] = secrets;
  if (first === undefined) throw new Error('no cookie secret');
  return sign(id, first);
}

/** The id in a `Cookie` header, or null when there is none or no key of ours signed it. */
export function readSignInId(header: string | undefined, rules: CookieRules): string | null {
  const value = header === undefined ? undefined : parseCookie(header)[cookieName(rules)];
  if (value === undefined) return null;
  for (const secret of rules.secrets) {
    const id = unsign(value, secret);
    // cookie-signature signs any text, the empty one too: the shape is checked as well.
    if (id !== false && ID.test(id)) return id;
  }
  return null;
}

export function setCookie(id: string, maxAgeMs: number, rules: CookieRules): string {
  return serialize(signId(id, rules), Math.floor(maxAgeMs / 1000), rules);
}

export function clearCookie(rules: CookieRules): string {
  return serialize('', 0, rules);
}

function serialize(value: string, maxAge: number, rules: CookieRules): string {
  return stringifySetCookie(
    {
      name: cookieName(rules),
      value,
      maxAge,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: rules.secure,
    },
    { encode: (text) => text },
  );
}
