/** What the service worker does with a request, decided by its address alone. */

/**
 * - `page`: the network's answer, and the kept page where there is none.
 * - `asset`: kept for good, as its name holds a hash of its content.
 * - `pass`: the worker has nothing to do with it. The API, sign-in, uploads and all else that is anybody's own.
 */
export type ShellRoute = 'page' | 'asset' | 'pass';

export interface Asked {
  readonly url: string;
  readonly method: string;
  /** Of a `Request`; `navigate` where a page is opened. */
  readonly mode: string;
}

/** @param scope Of the worker, with a `/` at its end. */
export function shellRoute({ url, method, mode }: Asked, scope: string): ShellRoute {
  if (method !== 'GET') return 'pass';
  const [path = ''] = url.split(/[?#]/);
  if (mode === 'navigate') return path === scope && !url.includes('?') ? 'page' : 'pass';
  const isAsset = path.startsWith(`${scope}assets/`) && !path.includes('..') && !path.includes('%');
  return isAsset ? 'asset' : 'pass';
}
