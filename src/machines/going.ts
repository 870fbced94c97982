/** How living conversations go: when their turns have ended, when they must, and at once. */
import { within } from '../within.ts';
import type { Conversation } from './conversation.ts';

/** The last rows of all conversations are on the disk well within this, or it has a problem. */
export const SETTLE_MS = 1_000;

/**
 * Begins nothing new; resolves when the last turn that was at work has ended.
 * @param onIdle Called for each once nothing is at work in it.
 */
export async function finishTurns(
  living: readonly Conversation[],
  onIdle: (conversation: Conversation) => void,
): Promise<void> {
  const busy = new Set(living);
  await new Promise<void>((resolve) => {
    const look = () => {
      for (const one of busy) {
        if (one.isLiving && one.isWorking) continue;
        busy.delete(one);
        if (one.isLiving) onIdle(one);
      }
      if (busy.size === 0) resolve();
    };
    for (const { actor } of living) actor.subscribe({ next: look, complete: look, error: look });
    for (const { actor } of living) actor.send({ type: 'conversation.drain' });
    look();
  });
}

export function gone({ actor }: Pick<Conversation, 'actor'>): Promise<void> {
  return new Promise((resolve) => actor.subscribe({ complete: resolve, error: () => resolve() }));
}

/** A journal that waits for room on the disk is not waited for: its run ends as `interrupted` later. */
export async function settled(living: readonly Conversation[]): Promise<void> {
  await within(Promise.all(living.map(({ journal }) => journal.settled())), SETTLE_MS);
}
