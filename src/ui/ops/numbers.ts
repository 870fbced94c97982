/** Figures as the reader's language writes them. */
import { locale } from '../words/locale.ts';

const formats = new Map<string, Intl.NumberFormat>();

/** One format for each way and language: to make one costs more than a hundred uses. */
function format(value: number, how: Intl.NumberFormatOptions): string {
  const key = `${locale()} ${JSON.stringify(how)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale(), how);
    formats.set(key, found);
  }
  return found.format(value);
}

export function count(value: number): string {
  return format(value, { maximumFractionDigits: 0 });
}

export function percent(share: number): string {
  return format(share, { style: 'percent', maximumFractionDigits: 0 });
}

export function milliseconds(ms: number): string {
  return format(ms, {
    style: 'unit',
    unit: 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: ms < 10 ? 1 : 0,
  });
}

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `8 s`, `5 min`, `3 h`, `2 d`: how long something has been there, rounded down. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, length] = STEPS.find(([, it]) => seconds >= it) ?? ['second', 1];
  return format(Math.floor(seconds / length), {
    style: 'unit',
    unit,
    unitDisplay: unit === 'minute' ? 'short' : 'narrow',
    maximumFractionDigits: 0,
  });
}

const times = new Map<string, Intl.DateTimeFormat>();

/** `14:05:09.123`, as events follow each other closely. */
export function clock(at: number): string {
  const tag = locale();
  let found = times.get(tag);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(tag, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hourCycle: 'h23',
    });
    times.set(tag, found);
  }
  return found.format(at);
}
