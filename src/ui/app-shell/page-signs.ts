/** What the tab says of the conversation it shows, for a person who looks at another. */
import { askingRun, liveRun, type Run } from '../chat/thread.ts';
import { words } from '../words/words.ts';

/** `done`: a run ended while nobody looked. */
export type Sign = 'idle' | 'working' | 'asking' | 'done';

const PRODUCT = 'Greenroom';
/** UTF-16 units of a prompt that stand for a title; tabs show fewer. */
const TITLE_MAX = 80;

/** What goes on, looked at or not. A question comes first: nothing else moves until it is answered. */
export function signOf(runs: readonly Run[], isUnread: boolean): Sign {
  if (askingRun(runs)) return 'asking';
  if (liveRun(runs)) return 'working';
  return isUnread ? 'done' : 'idle';
}

/** @param title The conversation's; null: it has none yet. */
export function documentTitle(sign: Sign, title: string | null): string {
  const { titleWorking, titleAsking, titleDone } = words.shell;
  const name = title === null ? PRODUCT : `${title} · ${PRODUCT}`;
  if (sign === 'working') return titleWorking(name);
  if (sign === 'asking') return titleAsking(name);
  return sign === 'done' ? titleDone(name) : name;
}

/** The first words of the first prompt, as the server names a conversation; null: nothing is said yet. */
export function titleFromPrompt(runs: readonly Run[]): string | null {
  for (const { items } of runs)
    for (const item of items) {
      if (item.kind !== 'user') continue;
      const line = item.text.split('\n').find((text) => text.trim() !== '');
      if (line !== undefined) return line.trim().slice(0, TITLE_MAX).toWellFormed();
    }
  return null;
}
