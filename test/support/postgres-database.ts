/** Pools of several servers on one fresh database; they end with the test that asked for them. */
import { afterEach } from 'node:test';
import { Database } from '../../src/store/postgres/database.ts';
import { sharedPostgres } from './postgres.ts';

const open = new Set<Database>();
afterEach(async () => {
  for (const db of open) await db.close();
  open.clear();
});

/** One more pool on a database, whose tables it makes. */
export async function pool(url: string): Promise<Database> {
  const db = new Database({ url, name: 'test', poolMax: 4, timeoutMs: 10_000 });
  open.add(db);
  await db.migrate();
  return db;
}

export async function pools(count: number): Promise<[Database, ...Database[]]> {
  const url = await (await sharedPostgres()).database();
  const rest = Array.from({ length: count - 1 }, () => pool(url));
  return [await pool(url), ...(await Promise.all(rest))];
}

/** Resolves once as many connections of this database wait for a lock. */
export async function untilWaiting(db: Pick<Database, 'get'>, count = 1): Promise<void> {
  const waiting = `SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while (Number((await db.get(waiting))?.n) < count);
}
