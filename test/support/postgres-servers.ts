/** Whole stores on one database, as servers have them, whose leases and connections are the test's to end. */
import { afterEach } from 'node:test';
import { PostgresStore } from '../../src/store/postgres/store.ts';
import type { NewRow } from '../../src/store/store.ts';
import { type Postgres, sharedPostgres } from './postgres.ts';

/** Of theirs, half are their own; no test lasts that long without a renewal. */
const LEASE_MS = 60_000;

const open = new Set<PostgresServer>();
afterEach(async () => {
  for (const server of open) await server.close();
});

export class PostgresServer {
  readonly name: string;
  readonly store: PostgresStore;
  readonly #postgres: Postgres;
  readonly #database: string;

  private constructor(postgres: Postgres, database: string, name: string, store: PostgresStore) {
    this.#postgres = postgres;
    this.#database = database;
    this.name = name;
    this.store = store;
  }

  static async start(database: string, name: string): Promise<PostgresServer> {
    const postgres = await sharedPostgres();
    const url = postgres.url(database);
    const settings = { url, name, poolMax: 3, timeoutMs: 10_000, leaseMs: LEASE_MS };
    const server = new PostgresServer(postgres, database, name, await PostgresStore.open(settings));
    open.add(server);
    return server;
  }

  get node(): string {
    return this.store.cluster.node;
  }

  /** For all others its time is over, and it does not know. */
  async die(node = this.node): Promise<void> {
    await this.#run(`UPDATE nodes SET dead = true WHERE id = '${node}'`);
  }

  /** It learns what became of its lease, and joins again where it was lost. */
  async renew(): Promise<void> {
    await this.store.cluster.membership.renew();
  }

  /** Its connections break, all but the one it renews its lease on. */
  async cut(): Promise<void> {
    await this.#run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = '${this.name}'`,
    );
  }

  async close(): Promise<void> {
    open.delete(this);
    await this.store.close();
  }

  async #run(sql: string): Promise<void> {
    await this.#postgres.query(sql, this.#database);
  }
}

/** The name of a fresh database. */
export async function freshDatabase(): Promise<string> {
  return new URL(await (await sharedPostgres()).database()).pathname.slice(1);
}

/** A run's first row. */
export function started(runId: string, more: object = {}): NewRow {
  const chunk = JSON.stringify({ type: 'RUN_STARTED', threadId: 't', runId, ...more });
  return { runId, chunk, marks: 'runStarted' };
}

/** A run's last row; its turn ends with it. */
export function finished(runId: string, more: object = {}): NewRow {
  const chunk = JSON.stringify({ type: 'RUN_FINISHED', threadId: 't', runId, ...more });
  return { runId, chunk, marks: 'runEnded' };
}
