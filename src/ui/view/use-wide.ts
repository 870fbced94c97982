import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 900px)';

/** Whether there is room for a column beside the conversation. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(WIDE).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
