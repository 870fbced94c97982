/** What a user may still do, in words. */
import type { LimitName, LimitView, LimitViews, Receipt } from '../../transport/protocol.ts';
import { tokenWords } from '../chat/usage.ts';
import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';
import { atWords, clockWords, spanWords } from './time-words.ts';

export type Counted = keyof LimitViews;

/** From this share on a limit is no longer quiet. */
const NEAR = 0.8;
/** In the order they are shown. */
export const LIMITS: readonly Counted[] = ['hour', 'day', 'tokens', 'runs'];

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
  const open = LIMITS.filter((name) => shareOf(limits[name]) !== null);
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
  const { short } = words.limits;
  if (max === null) return short.none;
  if (max <= 0) return short.off;
  const number = name === 'tokens' ? tokenWords : count;
  return short[name](number(used), number(max));
}

/** What is left, as the one thing to see: `23 left`. */
export function leftWords({ used, max }: LimitView): string {
  const { left, noneLeft } = words.limits;
  if (max === null) return noneLeft.none;
  return max <= 0 ? noneLeft.off : left(count(Math.max(0, max - used)));
}

/** `37 of 60 used, more from 15:00 (in 42 min)`. */
export function detailWords(name: Counted, { used, max, resetAt }: LimitView, now: number): string {
  const { detail } = words.limits;
  const say = name === 'runs' ? detail.running : detail.used;
  const share = say(count(used), max === null ? null : count(max));
  if (max === null) return share;
  if (name === 'runs') return `${share}, ${detail.freeAgain}`;
  return resetAt === null || used === 0 ? share : `${share}, ${moreWords(resetAt, now)}`;
}

/** `more from 15:00 (in 42 min)`. */
export function moreWords(resetAt: number, now: number): string {
  if (resetAt <= now) return words.limits.moreNow;
  return words.limits.more(clockWords(resetAt, now), spanWords(resetAt - now));
}

/** When a message that waits sends itself: `at 15:00`. */
export function whenSentWords(limit: LimitName, resetAt: number | null, now: number): string {
  if (resetAt !== null) return atWords(resetAt, now);
  return limit === 'runs' ? words.limits.whenOneEnds : words.limits.whenRoom;
}

/** What a refused one is told; it is back in the box. */
export function refusedWords(resetAt: number | null, max: number, now: number): string {
  const { switchedOff, tryLater, sendAgain } = words.limits;
  if (max <= 0) return switchedOff;
  return resetAt === null ? tryLater : sendAgain(atWords(resetAt, now));
}

/** `This answer used 12,400 tokens; 1,000,000 of 1,000,000 today; more from 00:00 (in 5 h 12 min).` */
export function receiptWords({ used, max, runTokens, resetAt }: Receipt, now: number): string {
  const more = moreWords(resetAt, now);
  return words.limits.receipt(count(runTokens), count(used), count(max), more);
}

/** Where a prompt stands that waits its turn: `Queued, number 2`, or `3rd in line on this server`. */
export function queueWords(waitsFor: 'turn' | 'room' | undefined, position?: number): string {
  const { queued, queuedAt, inLine, inLineAt } = words.limits;
  if (waitsFor !== 'room') return position === undefined ? queued : queuedAt(position);
  return position === undefined ? inLine : inLineAt(position);
}

function count(n: number): string {
  return n.toLocaleString(locale());
}
