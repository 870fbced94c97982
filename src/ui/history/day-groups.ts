import type { ConversationView } from '../../transport/views.ts';
import { words } from '../words/words.ts';

export interface DayGroup<T> {
  readonly label: string;
  readonly items: readonly T[];
}

/** Groups a list, pinned ones and then last used first, by the reader's own days: near ones by name, later ones by month. */
export function groupByDay<T extends Pick<ConversationView, 'updatedAt' | 'pinned'>>(
  items: readonly T[],
  now: number,
  locale?: string,
): DayGroup<T>[] {
  const groups: { label: string; items: T[] }[] = [];
  for (const item of items) {
    const label = item.pinned ? words.history.pinned : labelOf(item.updatedAt, now, locale);
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;
}

function labelOf(at: number, now: number, locale: string | undefined): string {
  const days = daysBetween(at, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days < 7) return 'Previous 7 days';
  if (days < 30) return 'Previous 30 days';
  return new Date(at).toLocaleDateString(locale, { month: 'long', year: 'numeric' });
}

/** Midnights between the two: a day is 23 or 25 hours long where clocks change. */
function daysBetween(at: number, now: number): number {
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
