/** Prompts that wait for a limit. The server keeps them, and sends them by itself. */
import type { PendingItem } from '../../transport/protocol.ts';
import type { Throttled } from './chat-view.ts';

export function isParked({ why }: PendingItem): boolean {
  return why === 'parked';
}

/** What waits, where one of it waits for another limit now, or until another time. */
export function toldAnew(
  pending: readonly PendingItem[],
  { runId, limit, resetAt }: Throttled,
): PendingItem[] {
  return pending.map((item) => {
    if (item.runId !== runId) return item;
    const { resetAt: _, ...rest } = item;
    return { ...rest, limit, ...(resetAt !== null && { resetAt }) };
  });
}
