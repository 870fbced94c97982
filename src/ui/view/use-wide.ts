import { useCallback, useSyncExternalStore } from 'react';

/** Whether the window has the room that a media query names; by default, for a column beside the conversation. */
export function useWide(query = '(min-width: 900px)'): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
