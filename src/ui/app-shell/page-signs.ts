/** What the tab says of the conversation it shows and of others, for a person who looks at another tab. */
import { askingRun, liveRun, type Run } from '../chat/thread.ts';
import type { Attention } from '../history/marks.ts';
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

/** @param title The conversation's; null: it has none yet. @param others Counted before all else. */
export function documentTitle(sign: Sign, title: string | null, others: Attention): string {
  const count = others.waiting + others.unread;
  return `${count > 0 ? `(${count}) ` : ''}${signed(sign, title)}`;
}

/** What another conversation wants shows where this one has nothing to show. */
export function iconOf(sign: Sign, { waiting, unread }: Attention): Sign {
  if (sign !== 'idle') return sign;
  if (waiting > 0) return 'asking';
  return unread > 0 ? 'done' : 'idle';
}

function signed(sign: Sign, title: string | null): string {
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
