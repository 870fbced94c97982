/** The implementations of the store, for the suite that each must pass. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { PostgresStore } from '../../src/store/postgres/store.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import { DatabaseThread } from '../../src/store/sqlite/thread.ts';
import type { Store } from '../../src/store/store.ts';
import { directLink } from './memory-store.ts';
import { sharedPooler } from './pgbouncer.ts';
import { sharedPostgres } from './postgres.ts';

export interface Opened {
  readonly store: Store;
  /** Closes it, as the server that had it goes, and opens it for the next one. */
  succeed(): Promise<Store>;
}

/** @param now The test's clock; a store that does not take one keeps to its own. */
export type Open = (now?: () => number) => Promise<Opened>;

const dir = mkdtempSync(join(tmpdir(), 'greenroom-contract-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;

/** Each gives a store that is empty. */
export const IMPLEMENTATIONS: Readonly<Record<string, Open>> = {
  'sqlite in memory': async (now) => {
    const store = new SqliteStore(directLink(':memory:', now));
    return { store, succeed: async () => store }; // it would be gone: its server goes on with it
  },
  sqlite: async () => {
    files += 1;
    const file = join(dir, `${files}.db`);
    return reopened(async () => new SqliteStore(new DatabaseThread(file)));
  },
  postgres: async (now) => {
    const url = await (await sharedPostgres()).database();
    return reopened(() => postgresStore(url, now));
  },
  ...(process.env.STORE_POOLER === 'pgbouncer' && { 'postgres behind pgbouncer': pooled }),
};

/** Each transaction may have another connection; only what listens has one of its own. */
async function pooled(now?: () => number): Promise<Opened> {
  const listenUrl = await (await sharedPostgres()).database();
  const url = await (await sharedPooler()).before(listenUrl);
  return reopened(() => postgresStore(url, now, listenUrl));
}

async function reopened(open: () => Promise<Store>): Promise<Opened> {
  const store = await open();
  return {
    store,
    succeed: async () => {
      await store.close();
      return open();
    },
  };
}

export function postgresStore(
  url: string,
  now?: () => number,
  listenUrl: string | null = null,
): Promise<PostgresStore> {
  return PostgresStore.open({
    ...{ url, listenUrl, poolMax: 5, timeoutMs: 5_000, name: 'test', leaseMs: 10_000 },
    ...(now && { now }),
  });
}
