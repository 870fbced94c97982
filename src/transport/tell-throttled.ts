/** Why a prompt does not run now, for clients that know what to do with it. */
import type { Refused } from '../store/limits.ts';
import type { Peer } from './peer.ts';

export interface CountsThrottled {
  /** A prompt was refused or parked, by a limit. */
  readonly throttled: (refusal: Refused) => void;
}

export function tellThrottled(runId: string, refusal: Refused, parked: boolean, peer: Peer): void {
  if (!peer.greeted) return;
  const { limit, max, remaining, retryAfterMs, resetAt } = refusal;
  const why = { limit, retryAfterMs, remaining, max, resetAt };
  peer.outbox.tell({ type: 'throttled', runId, ...why, parked });
}
