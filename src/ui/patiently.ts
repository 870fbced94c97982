import { backoffMs } from './backoff.ts';

/** The script that is the page, as its HTML names it: another build has another. */
const SCRIPT = /<script[^>]* src="([^"]+)"/;

/**
 * Loads a part of the page until it is there. It may not be to be had just now: the line is down, or nobody is
 * signed in; a part that failed for good would take the whole page with it. Tried again within half a minute.
 * A newer server has no parts for an older page: that one is loaded anew.
 * @param load As `() => import('./part.tsx')`.
 */
export function patiently<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await load();
      } catch {
        if (await isOutdated()) location.reload(); // what is typed, or not answered, is kept
        await new Promise((resolve) => setTimeout(resolve, backoffMs(tries, 1)));
      }
    }
  };
}

/** Whether the server has another build of the page by now; false where it does not say. Never rejects. */
async function isOutdated(): Promise<boolean> {
  const own = document.querySelector('script[src]')?.getAttribute('src');
  try {
    const response = await fetch(document.baseURI, { cache: 'no-store', redirect: 'manual' });
    const now = response.ok ? SCRIPT.exec(await response.text())?.[1] : own;
    return now !== undefined && now !== own;
  } catch {
    return false;
  }
}
