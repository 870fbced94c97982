import { type KeyboardEvent, useRef } from 'react';
import type { Draft } from '../chat/draft.ts';
import type { Run } from '../chat/thread.ts';
import { pressed } from '../shortcuts.ts';
import { recall } from './recall.ts';

/** Takes ↑ and ↓ where the box is empty or shows an earlier prompt. True: the key was taken. */
export function useRecall(runs: readonly Run[], draft: Draft): (event: KeyboardEvent) => boolean {
  const at = useRef<number | null>(null);
  return (event) => {
    const isEarlier = pressed(event, 'recallEarlier');
    if (!isEarlier && !pressed(event, 'recallLater')) return false;
    const prompts = runs.flatMap(({ items }) =>
      items.flatMap((item) => (item.kind === 'user' && item.text !== '' ? [item.text] : [])),
    );
    const shown = draft.text();
    const here = shown === '' ? prompts.length : (at.current ?? 0);
    const next = recall(prompts, shown, here, isEarlier ? 'up' : 'down');
    if (next === null) return false;
    at.current = next;
    draft.set(prompts[next] ?? '');
    event.preventDefault();
    return true;
  };
}
