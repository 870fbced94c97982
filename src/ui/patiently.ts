import { backoffMs } from './backoff.ts';

/**
 * Loads a part of the page until it is there. It may not be to be had just now: the line is down, or nobody is
 * signed in; a part that failed for good would take the whole page with it. Tried again within half a minute.
 * @param load As `() => import('./part.tsx')`.
 */
export function patiently<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await load();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, backoffMs(tries, 1)));
      }
    }
  };
}
