/** The sign-in cookie: `<43 base64url characters>.<signature>`, signed by the first key, verified by all. */
import { hash, randomBytes } from 'node:crypto';
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
  return hash('sha256', id, 'base64url');
}

export function signId(id: string, { secrets }: CookieRules): string {
  const [first] = secrets;
  if (first === undefined) throw new Error('no cookie secret');
  return sign(id, first);
}

/** The id in a `Cookie` header, or null when there is none or no key of ours signed it. */
export function readSignInId(header: string | undefined, rules: CookieRules): string | null {
  const id = readSigned(header, cookieName(rules), rules);
  // cookie-signature signs any text, the empty one too: the shape is checked as well.
  return id !== null && ID.test(id) ? id : null;
}

/**
 * What a key of ours signed in a cookie. Of several with one name, which a browser sends where an older deployment
 * left one with another path, the first that is signed counts.
 */
export function readSigned(
  header: string | undefined,
  name: string,
  { secrets }: CookieRules,
): string | null {
  for (const pair of header?.split(';') ?? []) {
    const value = parseCookie(pair)[name];
    for (const secret of value === undefined ? [] : secrets) {
      const signed = unsign(value ?? '', secret);
      if (signed !== false) return signed;
    }
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
