/** Every store, on a clock of the test's, as a server finds it that comes after one that was killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { PostgresStore } from '../../src/store/postgres/store.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { Store } from '../../src/store/store.ts';
import { directLink } from './memory-store.ts';
import { sharedPostgres } from './postgres.ts';

export class Restartable {
  store: Store;
  readonly #next: (killed: Store) => Promise<Store>;

  constructor(store: Store, next: (killed: Store) => Promise<Store>) {
    this.store = store;
    this.#next = next;
  }

  /** The server is killed, and another one takes over its prompts. Returns their runs' ids. */
  async restart(): Promise<{ waiting: string[]; parked: string[] }> {
    this.store = await this.#next(this.store);
    const [waiting, parked] = [await this.store.waiting(), await this.store.parked()];
    return {
      waiting: waiting.map(({ runId }) => runId),
      parked: parked.map(({ runId }) => runId),
    };
  }
}

export interface Implementation {
  /** How much longer than with the fastest one a call takes, about. */
  readonly slowness: number;
  /** @param timeZone Where days begin. */
  readonly open: (now: () => number, timeZone?: string) => Promise<Restartable>;
}

const dir = mkdtempSync(join(tmpdir(), 'greenroom-restartable-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;

async function sqlite(now: () => number, timeZone = 'UTC'): Promise<Restartable> {
  files += 1;
  const file = join(dir, `${files}.db`);
  const start = () => new SqliteStore(directLink(file, now, timeZone));
  return new Restartable(start(), async (killed) => {
    await killed.close(); // as kill -9 leaves it: all that was answered is there
    return start();
  });
}

async function postgres(now: () => number, timeZone = 'UTC'): Promise<Restartable> {
  const server = await sharedPostgres();
  const url = await server.database();
  const name = new URL(url).pathname.slice(1);
  const start = () =>
    PostgresStore.open({
      url,
      now,
      timeZone,
      name: 'test',
      poolMax: 4,
      timeoutMs: 10_000,
      leaseMs: 10_000,
    });
  return new Restartable(await start(), async (killed) => {
    // Who is declared dead has no say any more in what it held: it may close as it likes.
    await server.query('UPDATE nodes SET dead = true', name);
    const next = await start();
    await killed.close();
    return next;
  });
}

export const RESTARTABLE: Readonly<Record<string, Implementation>> = {
  sqlite: { slowness: 1, open: sqlite },
  postgres: { slowness: 5, open: postgres },
};
