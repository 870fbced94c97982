/** Whether a run may be taken, and what is told where it may not: the same for every store that keeps the sums. */
import type { Day } from './days.ts';
import { type Demand, type LedgerLimit, lastToOpen, type Refused } from './limits.ts';

/** What a user has used of each limit, in the conversations that a take does not ask for; asked where it is limited. */
export type Used = Readonly<Record<LedgerLimit, () => number>>;

export interface Measured {
  readonly used: Used;
  /** Of the prompts of the last hour, when the one leaves it that `before` others leave it before; epoch ms. */
  readonly leaving: (before: number) => number;
  readonly day: Day;
}

/** A budget below what is held for one run is for one run. */
export function heldFor({ reserve, allowance }: Demand): number {
  return Math.min(reserve, allowance.tokens ?? reserve);
}

/** Undefined: it fits every limit. */
export function refusalOf(
  demand: Demand,
  { used, leaving, day }: Measured,
  now: number,
): Refused | undefined {
  const { hour } = demand.allowance;
  const refusals = [
    refusedBy('hour', 1, () => leaving(used.hour() - (hour ?? 0))),
    refusedBy('day', 1, () => day.until),
    refusedBy('tokens', heldFor(demand), () => day.until),
    refusedBy('runs', 1, () => null),
  ];
  return lastToOpen(refusals.filter((one) => one !== null));

  /** @param opens Epoch ms; null where that cannot be known. */
  function refusedBy(limit: LedgerLimit, cost: number, opens: () => number | null): Refused | null {
    const max = demand.allowance[limit];
    if (max === null) return null;
    const taken = used[limit]();
    if (max > 0 && taken + cost <= max) return null;
    const resetAt = max === 0 ? null : opens();
    const remaining = Math.max(0, max - taken);
    return {
      limit,
      max,
      remaining,
      resetAt,
      retryAfterMs: resetAt === null ? null : resetAt - now,
    };
  }
}
