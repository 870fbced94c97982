/** The store in a data directory. */
import { join } from 'node:path';
import { SqliteStore } from '../store/sqlite/store.ts';
import { DatabaseThread } from '../store/sqlite/thread.ts';
import type { Store } from '../store/store.ts';

/** One process at a time: what another holds, or is damaged, shows at the first call. */
export function openStore(dataDir: string): Store {
  return new SqliteStore(new DatabaseThread(join(dataDir, 'greenroom.db')));
}
