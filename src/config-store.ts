/** The settings about where everything is kept, and about the servers that share it. */
import { hostname } from 'node:os';
import { integer, Refused, setting } from './settings.ts';

/** Of `hostname`, what may stand in logs and metrics as a node's name. */
const OWN_NAME =
  hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 64) || 'node';

export const STORE_SETTINGS = {
  databaseUrl: setting<string | null>(
    'CHAT_DATABASE_URL',
    'a PostgreSQL 15 or later that several servers may share; unset: SQLite in the data directory, for this server alone',
    'postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=…',
    null,
    null,
    postgresUrl,
  ),
  databaseListenUrl: setting<string | null>(
    'CHAT_DATABASE_LISTEN_URL',
    'the same database, past a pooler such as pgbouncer that hands out connections per transaction: one connection of each server listens there; unset: CHAT_DATABASE_URL',
    'postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=…',
    null,
    null,
    postgresUrl,
  ),
  databasePool: integer(
    'CHAT_DATABASE_POOL',
    'connections to PostgreSQL at most, one to listen besides',
    'connections',
    {
      initial: 10,
      min: 2,
      max: 200,
    },
  ),
  databaseTimeoutMs: integer(
    'CHAT_DATABASE_TIMEOUT_MS',
    'a statement that takes longer is given up, and so is waiting for a connection',
    'milliseconds',
    { initial: 5_000, min: 500, max: 60_000 },
  ),
  leaseMs: integer(
    'CHAT_LEASE_MS',
    'how long after it was heard last in PostgreSQL a server’s conversations are another’s to take over; a server that cannot renew stops what it runs after half of it, so it must outlast twice a restart of the database',
    'milliseconds',
    { initial: 10_000, min: 3_000, max: 300_000 },
  ),
  nodeId: setting(
    'CHAT_NODE_ID',
    'what this server is called among those that share a database, in logs and in /readyz; default: the host’s name',
    '1 to 64 letters, digits, dots, hyphens and underscores',
    OWN_NAME,
    null,
    (raw) => {
      if (!/^[A-Za-z0-9._-]{1,64}$/.test(raw)) throw new Refused();
      return raw;
    },
  ),
};

/** It may hold a password, which no error repeats. */
function postgresUrl(raw: string): string {
  const url = URL.parse(raw);
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) throw new Refused();
  if (url.pathname.length < 2) throw new Refused();
  return raw;
}
