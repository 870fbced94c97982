/** What a user may still do, in words. */
import type { LimitName, LimitView, LimitViews, Receipt } from '../../transport/protocol.ts';
import { tokenWords } from '../chat/usage.ts';
import { atWords, clockWords, spanWords } from './time-words.ts';

export type Counted = keyof LimitViews;

/** From this share on a limit is no longer quiet. */
const NEAR = 0.8;
const ORDER: readonly Counted[] = ['hour', 'day', 'tokens', 'runs'];

export const LIMIT_NAMES: Record<Counted, string> = {
  hour: 'Messages this hour',
  day: 'Messages today',
  tokens: 'Tokens today',
  runs: 'Answers at once',
};

/** Why a message was not taken at once. */
export const REACHED: Record<LimitName, string> = {
  hour: 'This hour’s messages are used up.',
  day: 'Today’s messages are used up.',
  tokens: 'Today’s tokens are used up.',
  runs: 'As many of your answers are running as may at once.',
  frames: 'That was too fast.',
};

/** Nothing to wait for: the limit is none at all. */
export const SWITCHED_OFF = 'The operator has switched this off.';

/** How much of a limit is used: 1 is all of it, and so is anything of nothing. Null: it was lifted. */
export function shareOf({ used, max }: LimitView): number | null {
  if (max === null) return null;
  return max <= 0 ? 1 : Math.min(1, used / max);
}

/**
 * The limit that is reached first as things are; null: all are lifted. Answers that run come and go, and one
 * that does is no warning: they count only where nothing else does.
 */
export function tightest(limits: LimitViews): Counted | null {
  const open = ORDER.filter((name) => shareOf(limits[name]) !== null);
  const [first = null, ...others] = open.length > 1 ? open.filter((it) => it !== 'runs') : open;
  const share = (name: Counted) => shareOf(limits[name]) ?? 0;
  return others.reduce((most, name) => (most && share(name) > share(most) ? name : most), first);
}

/** `low` until it matters, `near` close to the end, `full` at it. */
export function levelOf(view: LimitView): 'low' | 'near' | 'full' {
  const share = shareOf(view) ?? 0;
  if (share >= 1) return 'full';
  return share >= NEAR ? 'near' : 'low';
}

/** `37 of 60 this hour`: the limit in as few words as it can be said. */
export function shortWords(name: Counted, { used, max }: LimitView): string {
  if (max === null) return 'No limit';
  if (max <= 0) return 'Switched off';
  switch (name) {
    case 'hour':
      return `${count(used)} of ${count(max)} this hour`;
    case 'day':
      return `${count(used)} of ${count(max)} today`;
    case 'tokens':
      return `${tokenWords(used)} of ${tokenWords(max)} tokens today`;
    case 'runs':
      return `${count(used)} of ${count(max)} answers running`;
  }
}

/** What is left, as the one thing to see: `23 left`. */
export function leftWords({ used, max }: LimitView): string {
  if (max === null) return 'no limit';
  return max <= 0 ? 'switched off' : `${count(Math.max(0, max - used))} left`;
}

/** `37 of 60 used, more from 15:00 (in 42 min)`. */
export function detailWords(name: Counted, { used, max, resetAt }: LimitView, now: number): string {
  const what = name === 'runs' ? 'running' : 'used';
  if (max === null) return `${count(used)} ${what}`;
  const share = `${count(used)} of ${count(max)} ${what}`;
  if (name === 'runs') return `${share}, free again when one ends`;
  return resetAt === null || used === 0 ? share : `${share}, ${moreWords(resetAt, now)}`;
}

/** `more from 15:00 (in 42 min)`. */
export function moreWords(resetAt: number, now: number): string {
  if (resetAt <= now) return 'more from now on';
  return `more from ${clockWords(resetAt, now)} (in\u00a0${spanWords(resetAt - now)})`;
}

/** When a message that waits sends itself: `at 15:00`. */
export function whenSentWords(limit: LimitName, resetAt: number | null, now: number): string {
  if (resetAt !== null) return atWords(resetAt, now);
  return limit === 'runs' ? 'as soon as one of your answers ends' : 'as soon as there is room';
}

/** What a refused one is told; it is back in the box. */
export function refusedWords(resetAt: number | null, max: number, now: number): string {
  if (max <= 0) return SWITCHED_OFF;
  return resetAt === null
    ? 'Please try again later.'
    : `Please send again ${atWords(resetAt, now)}.`;
}

/** `This answer used 12,400 tokens; 1,000,000 of 1,000,000 today; more from 00:00 (in 5 h 12 min).` */
export function receiptWords({ used, max, runTokens, resetAt }: Receipt, now: number): string {
  const spent = `This answer used ${count(runTokens)} tokens; ${count(used)} of ${count(max)} today`;
  return `${spent}; ${moreWords(resetAt, now)}.`;
}

/** Where a prompt stands that waits its turn: `Queued, number 2`, or `3rd in line on this server`. */
export function queueWords(waitsFor: 'turn' | 'room' | undefined, position?: number): string {
  if (waitsFor !== 'room') return position === undefined ? 'Queued' : `Queued, number ${position}`;
  if (position === undefined) return 'In line on this server';
  return position === 1
    ? 'Next in line on this server'
    : `${ordinal(position)} in line on this server`;
}

function ordinal(n: number): string {
  const isTeen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

function count(n: number): string {
  return n.toLocaleString();
}
