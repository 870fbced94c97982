/** What must be written in the end, while the disk has no room for it: tried again, so that nothing is lost. */
import { FaultError } from '../faults.ts';

export const RETRY_MS = 500;
/** Half a minute: somebody may make room meanwhile. Claude, paused for longer, has lost its API call. */
export const TRIES_MAX = 60;

export interface RetryClock {
  setTimeout(fn: () => void, ms: number): unknown;
}

/**
 * Repeats `work` every `RETRY_MS` while it fails for want of room, at most `TRIES_MAX` times.
 * @param onFull Called once, when it first does.
 * @throws What `work` threw last; at once when that is anything else.
 */
export async function untilRoom<T>(
  work: () => Promise<T>,
  clock: RetryClock,
  onFull: () => void = () => {},
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isFull = error instanceof FaultError && error.code === 'store.full';
      if (!isFull || tries === TRIES_MAX) throw error;
      if (tries === 1) onFull();
    }
    await new Promise<void>((resolve) => clock.setTimeout(resolve, RETRY_MS));
  }
}
