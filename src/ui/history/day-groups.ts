import type { ConversationView } from '../../transport/views.ts';
import { language, words } from '../words/words.ts';

export interface DayGroup<T> {
  readonly label: string;
  readonly items: readonly T[];
}

/** Groups a list, pinned ones and then last used first, by the reader's own days: near ones by name, later ones by month. */
export function groupByDay<T extends Pick<ConversationView, 'updatedAt' | 'pinned'>>(
  items: readonly T[],
  now: number,
): DayGroup<T>[] {
  const groups: { label: string; items: T[] }[] = [];
  for (const item of items) {
    const label = item.pinned ? words.history.pinned : labelOf(item.updatedAt, now);
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;
}

function labelOf(at: number, now: number): string {
  const { today, yesterday, days7, days30 } = words.history;
  const days = daysBetween(at, now);
  if (days <= 0) return today;
  if (days === 1) return yesterday;
  if (days < 7) return days7;
  if (days < 30) return days30;
  return new Date(at).toLocaleDateString(language, { month: 'long', year: 'numeric' });
}

/** Midnights between the two: a day is 23 or 25 hours long where clocks change. */
function daysBetween(at: number, now: number): number {
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
