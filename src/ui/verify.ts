import { fromPromise } from 'xstate';

/** What `GET auth/verify` said: signed in, not signed in, or no usable answer. */
export type Verdict = 'signedIn' | 'signedOut' | 'unknown';

/** Asks whether this browser is still signed in. Never rejects. */
export const verify = fromPromise<Verdict, { url: string }>(async ({ input, signal }) => {
  try {
    const target = new URL('auth/verify', input.url.replace(/^ws/, 'http'));
    const { status } = await fetch(target, { signal, redirect: 'manual', cache: 'no-store' });
    if (status === 401 || status === 0) return 'signedOut';
    return status === 200 ? 'signedIn' : 'unknown';
  } catch {
    return 'unknown';
  }
});
