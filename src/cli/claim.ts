/** What a server does before all else: it makes sure that its data directory is its own, and nobody's work is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepDataDir } from '../claude/stop.ts';
import type { Config } from '../config.ts';
import type { RunRecord, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { HeldError, refuseIfHeld } from '../transport/control.ts';
import { Standby } from './standby.ts';

/** How soon a successor sees that its predecessor has gone. */
const LOOK_MS = 100;
/** SQLite's word for a file that another process has locked. */
const SQLITE_BUSY = 5;

export interface ClaimParts {
  readonly config: Pick<Config, 'dataDirWaitMs' | 'host' | 'port' | 'publicUrl'>;
  readonly dataDir: string;
  /** Called anew at each try: a store that another server holds is of no use afterwards. */
  readonly open: () => Store | Promise<Store>;
  readonly log: Log;
}

export interface Claimed {
  readonly store: Store;
  /** Prompts that were accepted, and whose server went before they began. */
  readonly waiting: readonly RunRecord[];
  /** Listens already, where the directory was waited for: the server is to take over its port. */
  readonly standby: Standby | null;
}

/**
 * Takes the data directory, and ends what an earlier server on it left behind, so that no two processes go on
 * with one session. Where another server holds it, its end is waited for: for `CHAT_DATA_DIR_WAIT_MS`, at once
 * listening, and answering that nobody is served yet.
 * @throws When another server holds the directory for longer.
 */
export async function claim({ config, dataDir, open, log }: ClaimParts): Promise<Claimed> {
  const began = performance.now();
  let standby: Standby | null = null;
  for (;;) {
    try {
      const { store, waiting } = await take(dataDir, open);
      if (standby) log.info({ ms: performance.now() - began }, 'the data directory is free');
      const killed = await sweepDataDir(dataDir);
      if (killed > 0)
        log.warn({ killed }, 'processes that an earlier server left behind were killed');
      return { store, waiting, standby };
    } catch (error) {
      if (!isHeld(error) || performance.now() - began >= config.dataDirWaitMs) {
        standby?.close();
        throw error;
      }
      const holder = error instanceof HeldError ? error.pid : 'unknown';
      standby ??= await Standby.listen(config, holder, log);
      standby.holder = holder;
    }
    await sleep(LOOK_MS);
  }
}

async function take(dataDir: string, open: ClaimParts['open']) {
  await refuseIfHeld(dataDir);
  const store = await open();
  // The store is for one server alone; this is where one that began at the same moment is noticed.
  return { store, waiting: await store.waiting() };
}

function isHeld(error: unknown): boolean {
  return error instanceof HeldError || (error as { errcode?: unknown }).errcode === SQLITE_BUSY;
}
