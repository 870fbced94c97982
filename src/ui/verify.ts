import { fromPromise } from 'xstate';

/** What `GET auth/verify` said of this browser. */
export type Verdict =
  | { readonly is: 'signedIn'; readonly user: string }
  | { readonly is: 'signedOut' }
  /** Refused for what no sign-in mends: an edge that is not set up rightly. A fault code, where it came from us. */
  | { readonly is: 'barred'; readonly fault: string | null }
  /** No usable answer. */
  | { readonly is: 'unknown' };

export interface VerifyInput {
  /** Of the WebSocket. */
  readonly url: string;
}

/** Asks who is signed in in this browser. Never rejects. */
export const verify = fromPromise<Verdict, VerifyInput>(async ({ input, signal }) => {
  try {
    const target = new URL('auth/verify', input.url.replace(/^ws/, 'http'));
    const response = await fetch(target, { signal, redirect: 'manual', cache: 'no-store' });
    const { status } = response;
    if (status === 401 || status === 0) return { is: 'signedOut' }; // 0: sent on to the login
    const said = await textsIn(response);
    if (status === 403) return { is: 'barred', fault: said.fault ?? null };
    return status === 200 && said.user ? { is: 'signedIn', user: said.user } : { is: 'unknown' };
  } catch {
    return { is: 'unknown' };
  }
});

async function textsIn(response: Response): Promise<{ user?: string; fault?: string }> {
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer !== 'object' || answer === null) return {};
  return Object.fromEntries(
    Object.entries(answer).filter(([, value]) => typeof value === 'string' && value !== ''),
  );
}
