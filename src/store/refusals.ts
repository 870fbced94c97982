/** What a take that does not fit is told. */
import type { LimitRule, Taken } from './store.ts';

export type Refused = Extract<Taken, { ok: false }>;

/** @param resetAt When the window opens, epoch ms; null where none ever does. */
export function refusedUntil(
  { limit, max }: LimitRule,
  resetAt: number | null,
  now: number,
): Refused {
  return { ok: false, limit, max, resetAt, retryAfterMs: resetAt === null ? null : resetAt - now };
}

/** Of several, the one that opens last: before it does, no try can succeed. */
export function lastToOpen(refusals: readonly Refused[]): Refused | undefined {
  const opens = ({ resetAt }: Refused) => resetAt ?? Number.POSITIVE_INFINITY;
  return refusals.toSorted((a, b) => opens(b) - opens(a))[0];
}
