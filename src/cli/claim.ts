/** What a server does before all else: it makes sure that its data directory is its own, and nobody's work is left. */
import { sweepDataDir } from '../claude/stop.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { refuseIfHeld } from '../transport/control.ts';

/**
 * Ends what an earlier server on this directory left behind, so that no two processes go on with one session.
 * @returns Prompts that were accepted, and whose server went before they began.
 * @throws When another server holds the directory.
 */
export async function claim(dataDir: string, store: Store, log: Log) {
  await refuseIfHeld(dataDir);
  // The store is for one server alone; this is where one that began at the same moment is noticed.
  const waiting = await store.waiting();
  const killed = await sweepDataDir(dataDir);
  if (killed > 0) log.warn({ killed }, 'processes that an earlier server left behind were killed');
  return waiting;
}
