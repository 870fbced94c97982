/** When something happens: as a clock says it, and how long that is from now. */

import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';

/** `14:05`, `tomorrow at 09:15`, `3 Dec at 09:15`, as this browser writes them. The midnight to come is `00:00`. */
export function clockWords(at: number, now: number): string {
  const { tomorrow, onDay } = words.limits.time;
  return sayTime(at, now, { today: (time) => time, tomorrow, onDay });
}

/** The same, behind a verb: `at 14:05`, `tomorrow at 09:15`, `on 3 Dec at 09:15`. */
export function atWords(at: number, now: number): string {
  const { at: today, atTomorrow, atDay } = words.limits.time;
  return sayTime(at, now, { today, tomorrow: atTomorrow, onDay: atDay });
}

interface Sayings {
  readonly today: (time: string) => string;
  readonly tomorrow: (time: string) => string;
  readonly onDay: (day: string, time: string) => string;
}

function sayTime(at: number, now: number, { today, tomorrow, onDay }: Sayings): string {
  const date = new Date(at);
  const time = date
    .toLocaleTimeString(locale(), { hour: 'numeric', minute: '2-digit' })
    .replaceAll(' ', '\u00a0');
  if (at <= startOfDay(now, 1)) return today(time);
  if (at < startOfDay(now, 2)) return tomorrow(time);
  return onDay(date.toLocaleDateString(locale(), { day: 'numeric', month: 'short' }), time);
}

/** `5 h 12 min`, `42 min`, `less than a minute`: rounded up, so that it is never promised too early. No line breaks in it. */
export function spanWords(ms: number): string {
  const { lessThanAMinute, minutes, hours, hoursAndMinutes } = words.limits.time;
  const all = Math.ceil(ms / 60_000);
  if (ms < 60_000) return lessThanAMinute;
  if (all < 60) return minutes(all);
  const [h, min] = [Math.floor(all / 60), all % 60];
  return min === 0 ? hours(h) : hoursAndMinutes(h, min);
}

function startOfDay(now: number, daysOn: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + daysOn);
  return day.getTime();
}
