/** The one database of the simulation: real, with `fsync`, filled before it starts, and watched while it runs. */
import pg from 'pg';
import { PostgresStore } from '../../src/store/postgres/store.ts';
import { Postgres } from '../support/postgres.ts';
import { machineCpuMs, treeCpuMs } from './process.ts';
import { median } from './statistics.ts';

export const CONVERSATIONS = 100_000;
export const USERS = 5_000;
const COMMITS = 100;
/** Tables whose rows are changed often, and those that grow. */
const TABLES = ['places', 'nodes', 'conversations', 'charges', 'runs', 'journal', 'messages'];

/** All that has been counted so far. */
export interface Counters {
  readonly at: number;
  readonly cpuMs: number;
  /** Of all programs of this machine. */
  readonly machineMs: number;
  readonly commits: number;
  readonly walBytes: number;
  readonly tables: Readonly<Record<string, TableCounters>>;
}

export interface TableCounters {
  readonly inserted: number;
  readonly updated: number;
  /** Of the updates those that touched no index. */
  readonly hot: number;
  readonly dead: number;
  readonly vacuums: number;
  readonly bytes: number;
}

export class ScaleDatabase {
  readonly url: string;
  readonly postgres: Postgres;
  readonly #name: string;

  private constructor(postgres: Postgres, url: string) {
    this.postgres = postgres;
    this.url = url;
    this.#name = new URL(url).pathname.slice(1);
  }

  /** @param statements Whether to count what each kind of statement takes; that costs something itself. */
  static async start(statements: boolean): Promise<ScaleDatabase> {
    const postgres = await Postgres.start({
      settings: {
        fsync: 'on',
        max_connections: '500',
        shared_buffers: '512MB',
        max_wal_size: '4GB',
        autovacuum_naptime: '10s',
        ...(statements && {
          shared_preload_libraries: 'pg_stat_statements',
          'pg_stat_statements.track_planning': 'on',
        }),
      },
    });
    const { pid } = postgres;
    process.on('exit', () => {
      try {
        process.kill(pid, 'SIGQUIT');
      } catch {
        // It has ended.
      }
    });
    const database = new ScaleDatabase(postgres, await postgres.database());
    await (await PostgresStore.open(database.settings('filler', 2))).close();
    if (statements) await database.query('CREATE EXTENSION pg_stat_statements');
    return database;
  }

  settings(name: string, poolMax: number) {
    return { url: this.url, name, poolMax, timeoutMs: 5_000, leaseMs: 10_000 };
  }

  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.postgres.query(sql, this.#name);
  }

  /** Conversations of the past: two turns each, folded into messages, as nobody has read them for a while. */
  async fill(): Promise<void> {
    const thread = `'c' || i`;
    const user = `'u' || i % ${USERS}`;
    await this.query(`SET synchronous_commit = off;
      INSERT INTO conversations (key, user_name, session_id, prompted, title_json, title_plain, title_by,
          created_at, updated_at, ended_at)
        SELECT ${user} || '/' || ${thread}, ${user}, gen_random_uuid(), true, '"conversation ' || i || '"',
          'conversation ' || i, 'prompt', i, i, i FROM generate_series(1, ${CONVERSATIONS}) i;
      INSERT INTO places (conversation) SELECT id FROM conversations;
      INSERT INTO runs (user_name, run_id, conversation, digest, text_json, accepted, started, ended, node)
        SELECT user_name, 'old' || id || '-' || n, id, 'd', '""', id, true, true, 'gone'
        FROM conversations, generate_series(1, 2) n;
      INSERT INTO messages (conversation, seq, message, words)
        SELECT id, n, '{"id":"m","role":"assistant","content":"' || repeat('some words of an answer ', 40) || '"}',
          to_tsvector('simple', 'some words of an answer ' || id)
        FROM conversations, generate_series(1, 4) n;
      INSERT INTO sign_ins (id_hash, user_name, created_at, used_at, expires_at, max_at, device_json)
        SELECT 'h' || i, 'u' || i, 0, 0, 9e15, 9e15, '""' FROM generate_series(0, ${USERS - 1}) i`);
    await this.query('VACUUM ANALYZE');
    await this.query('CHECKPOINT');
  }

  async counters(): Promise<Counters> {
    const [row] =
      await this.query(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal,
      (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = current_database()) AS commits`);
    const tables =
      await this.query(`SELECT relname, n_tup_ins::float8 AS inserted, n_tup_upd::float8 AS updated,
        n_tup_hot_upd::float8 AS hot, n_dead_tup::float8 AS dead, autovacuum_count::float8 AS vacuums,
        pg_total_relation_size(relid)::float8 AS bytes
      FROM pg_stat_user_tables WHERE relname = ANY ('{${TABLES.join(',')}}')`);
    return {
      at: performance.now(),
      cpuMs: treeCpuMs(this.postgres.pid),
      machineMs: machineCpuMs(),
      commits: Number(row?.commits),
      walBytes: Number(row?.wal),
      tables: Object.fromEntries(
        tables.map(({ relname, ...counts }) => [relname, counts as unknown as TableCounters]),
      ),
    };
  }

  /** One commit that waits for the disk, and nothing else; ms. */
  async commitMs(): Promise<number> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    const times: number[] = [];
    for (let i = 0; i < COMMITS; i += 1) {
      const begun = performance.now();
      await client.query("SELECT pg_logical_emit_message(true, 'bench', 'x')");
      times.push(performance.now() - begun);
    }
    await client.end();
    return median(times);
  }

  /** The statements that took most, since the last time. */
  async statements(): Promise<string> {
    const rows = await this.query(`SELECT calls, round(mean_plan_time::numeric * 1000) AS plan,
        round(mean_exec_time::numeric * 1000) AS exec, round((total_plan_time + total_exec_time)::numeric) AS total,
        left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS query
      FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      ORDER BY total_plan_time + total_exec_time DESC LIMIT 14`);
    await this.query('SELECT pg_stat_statements_reset()');
    return rows
      .map(
        ({ calls, plan, exec, total, query }) =>
          `${total} ms, ${calls} × ${plan} + ${exec} µs: ${query}`,
      )
      .join('\n  ');
  }

  /** Of all nodes, how long before its end the lease was renewed that was renewed latest, ms. */
  async shortestLeaseMs(): Promise<number> {
    const [row] = await this.query(
      'SELECT min(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::float8 AS ms FROM nodes WHERE NOT dead',
    );
    return Number(row?.ms);
  }
}
