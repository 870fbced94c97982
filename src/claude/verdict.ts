/** How a turn ended, by what its result says. */
import type { FaultCode } from '../faults.ts';
import type { TurnResult } from './message.ts';

/** `is_error`, the terminal reason and the API status decide: "success" is also how API errors arrive. */
export function verdict({ isError, terminalReason, apiErrorStatus }: TurnResult): {
  how: 'done' | 'cancelled' | 'failed';
  fault: FaultCode | null;
} {
  if (terminalReason?.startsWith('aborted_')) return { how: 'cancelled', fault: null };
  if (!isError) return { how: 'done', fault: null };
  const api = apiErrorStatus !== null || terminalReason === 'api_error';
  return { how: 'failed', fault: api ? 'claude.api' : 'claude.failed' };
}
