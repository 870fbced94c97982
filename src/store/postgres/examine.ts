/** What `greenroom doctor` wants to know of a database; looks only, and joins nobody. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LIVING } from './nodes.ts';

const CONNECT_MS = 5_000;
const ROUND_TRIPS = 9;
const HEAR_MS = 2_000;

export interface DatabaseFacts {
  /** As `server_version_num`: 150004 is 15.4. */
  readonly version: number;
  readonly encoding: string;
  /** A standby, which takes no writes. */
  readonly isStandby: boolean;
  readonly mayCreateTables: boolean;
  /** Of the tables; null: there are none yet. */
  readonly schemaVersion: number | null;
  readonly synchronousCommit: string;
  /** Settings that a crash of the machine must not find off. */
  readonly unsafe: readonly string[];
  /** Connections that it takes of everybody but superusers. */
  readonly connectionsMax: number;
  /** Median. */
  readonly roundTripMs: number;
  /** How far its clock is ahead of this machine's. */
  readonly clockAheadMs: number;
  /** Whether what is told through one connection is heard by another that listens. */
  readonly hears: boolean;
  /** Names of the servers that share it now. */
  readonly nodes: readonly string[];
}

/** @throws Where either cannot be connected to. */
export async function examineDatabase(url: string, listenUrl: string): Promise<DatabaseFacts> {
  const [asking, listening] = [await connect(url), await connect(listenUrl)];
  try {
    const { roundTripMs, clockAheadMs } = await timed(asking);
    return {
      ...(await settings(asking)),
      ...(await tables(asking)),
      ...{ roundTripMs, clockAheadMs },
      hears: await hears(asking, listening),
    };
  } finally {
    await Promise.all([asking.end(), listening.end()]);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
    application_name: 'greenroom doctor',
  });
  client.on('error', () => {}); // the query that was asked says so
  await client.connect();
  return client;
}

async function settings(client: pg.Client) {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby,
       (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()) AS encoding,
       has_schema_privilege(current_schema(), 'CREATE') AS may_create,
       current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS connections`,
  );
  const [row] = rows;
  return {
    version: Number(row.version),
    encoding: String(row.encoding),
    isStandby: row.standby === true,
    mayCreateTables: row.may_create === true,
    synchronousCommit: String(row.synchronous_commit),
    unsafe: ['fsync', 'full_page_writes'].filter((name) => row[name] === 'off'),
    connectionsMax: Number(row.connections),
  };
}

async function tables(client: pg.Client) {
  const { rows: found } = await client.query("SELECT to_regclass('greenroom') AS here");
  if (found[0].here === null) return { schemaVersion: null, nodes: [] };
  const { rows: versions } = await client.query('SELECT version FROM greenroom');
  const { rows: nodes } = await client.query(
    `SELECT n.name FROM nodes n WHERE ${LIVING} ORDER BY n.name`,
  );
  return {
    schemaVersion: versions[0] ? Number(versions[0].version) : null,
    nodes: nodes.map(({ name }) => String(name)),
  };
}

async function timed(client: pg.Client) {
  const trips: { ms: number; aheadMs: number }[] = [];
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const start = performance.now();
    const { rows } = await client.query('SELECT extract(epoch FROM clock_timestamp()) AS at');
    const ms = performance.now() - start;
    trips.push({ ms, aheadMs: Number(rows[0].at) * 1_000 - (Date.now() - ms / 2) });
  }
  trips.sort((a, b) => a.ms - b.ms);
  const median = trips[Math.floor(ROUND_TRIPS / 2)];
  // The quickest one knows the time best.
  return { roundTripMs: median?.ms ?? 0, clockAheadMs: trips[0]?.aheadMs ?? 0 };
}

/** A pooler that gives each transaction another connection lets nobody listen. */
async function hears(asking: pg.Client, listening: pg.Client): Promise<boolean> {
  const channel = `greenroom_doctor_${randomUUID().replaceAll('-', '')}`;
  const heard = new Promise<boolean>((resolve) => {
    listening.on('notification', (notice) => notice.channel === channel && resolve(true));
  });
  await listening.query(`LISTEN ${channel}`);
  await asking.query('SELECT pg_notify($1, $2)', [channel, '']);
  const gaveUp = new AbortController();
  const silence = sleep(HEAR_MS, false, { signal: gaveUp.signal }).catch(() => false);
  const answer = await Promise.race([heard, silence]);
  gaveUp.abort();
  return answer;
}
