/** What other conversations want of the user, as the sidebar knows it and the tab says it. */
import { useSyncExternalStore } from 'react';
import type { Attention } from './marks.ts';

let told: Attention = { waiting: 0, unread: 0 };
const listeners = new Set<() => void>();

export function tellAttention(now: Attention): void {
  if (now.waiting === told.waiting && now.unread === told.unread) return;
  told = now;
  for (const listener of listeners) listener();
}

export function useAttention(): Attention {
  return useSyncExternalStore(subscribe, () => told);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
