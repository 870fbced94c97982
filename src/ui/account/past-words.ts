/** When something happened. */
import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A use is noted at most once a minute, so what is as new as that is now. */
const NOW_MS = 2 * MINUTE_MS;

/** `just now`, `5 minutes ago`, `3 hours ago`; by days from midnight to midnight, `yesterday`, `4 days ago`. */
export function agoWords(at: number, now: number): string {
  const passed = now - at;
  if (passed < NOW_MS) return words.account.justNow;
  const passing = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (passed < HOUR_MS) return passing.format(-Math.floor(passed / MINUTE_MS), 'minute');
  if (passed < DAY_MS / 2) return passing.format(-Math.floor(passed / HOUR_MS), 'hour');
  const days = daysBetween(at, now);
  return days === 0
    ? passing.format(-Math.floor(passed / HOUR_MS), 'hour')
    : passing.format(-days, 'day');
}

/** `today at 14:05`, `yesterday at 09:15`, `on 3 Nov`, as the reader writes them; with the year if it was another. */
export function onWords(at: number, now: number): string {
  const date = new Date(at);
  const days = daysBetween(at, now);
  const { todayAt, yesterdayAt, onDay } = words.account;
  const time = date.toLocaleTimeString(locale(), { hour: 'numeric', minute: '2-digit' });
  if (days <= 0) return todayAt(time);
  if (days === 1) return yesterdayAt(time);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  const day = { day: 'numeric', month: 'short' } as const;
  return onDay(date.toLocaleDateString(locale(), isThisYear ? day : { ...day, year: 'numeric' }));
}

/** Midnights between the two. Days of 23 and 25 hours are rounded to what they are. */
function daysBetween(at: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
