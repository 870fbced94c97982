import { useEffect, useState, useSyncExternalStore } from 'react';
import type { OpsClient } from './client.ts';
import { hashOf, type Route, routeIn } from './route.ts';
import type { OpsState } from './state.ts';

/** A part of what the page knows; drawn anew when that part is another. */
export function useOps<T>(client: OpsClient, select: (state: OpsState) => T): T {
  return useSyncExternalStore(client.subscribe, () => select(client.state()));
}

/** What an answer of the server holds: it comes, has come, or has failed. */
export type Asked<T> =
  | { readonly is: 'coming' }
  | { readonly is: 'there'; readonly it: T }
  | { readonly is: 'failed'; readonly why: string };

/** @param load Asked again when it is another one. */
export function useAsked<T>(load: () => Promise<T>, again = 0): Asked<T> {
  const [asked, set] = useState<Asked<T>>({ is: 'coming' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` asks again
  useEffect(() => {
    let isWanted = true;
    load().then(
      (it) => isWanted && set({ is: 'there', it }),
      (error: Error) => isWanted && set({ is: 'failed', why: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [load, again]);
  return asked;
}

export function useRoute(): [Route, (route: Route) => void] {
  const [route, setRoute] = useState(() => routeIn(location.hash));
  useEffect(() => {
    const listen = () => setRoute(routeIn(location.hash));
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  return [
    route,
    (next) => {
      location.hash = hashOf(next);
    },
  ];
}
