/** What other conversations want of the user, as the sidebar knows it and the tab says it. */
import { useSyncExternalStore } from 'react';
import { Watched } from '../watched.ts';
import type { Attention } from './marks.ts';

const told = new Watched<Attention>({ waiting: 0, unread: 0 });

export function tellAttention(now: Attention): void {
  const { waiting, unread } = told.get();
  if (now.waiting !== waiting || now.unread !== unread) told.set(now);
}

export function useAttention(): Attention {
  return useSyncExternalStore(told.subscribe, told.get);
}
