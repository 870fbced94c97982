/** What a user may use, as tests say it: what is not named is lifted. */
import type { Allowance, Demand } from '../../src/store/limits.ts';
import { conversationKey } from '../../src/store/store.ts';

export { HOUR_MS } from '../../src/store/limits.ts';

export function allowing(limits: Partial<Allowance>): Allowance {
  return { hour: null, day: null, tokens: null, runs: null, ...limits };
}

let last = 0;

/** A prompt in a conversation of its own, unless it is named. */
export function demanding(
  user: string,
  limits: Partial<Allowance>,
  given: { runId?: string; thread?: string; reserve?: number } = {},
): Demand {
  last += 1;
  const { runId = `run-${last}`, thread = `thread-${last}`, reserve = 0 } = given;
  return { key: conversationKey(user, thread), runId, allowance: allowing(limits), reserve };
}
