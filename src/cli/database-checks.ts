/** Checks of `greenroom doctor` about the PostgreSQL that servers share. */
import { findKeeper } from '../claude/find-keeper.ts';
import type { Config } from '../config.ts';
import { type DatabaseFacts, examineDatabase } from '../store/postgres/examine.ts';
import { SCHEMA_VERSION } from '../store/postgres/schema.ts';
import { type Check, type Finding, fail, ok, warn } from './findings.ts';

const VERSION_MIN = 150_000;
/** A word is kept, and a prompt taken, in a few round trips. */
const ROUND_TRIP_WARN_MS = 10;
const CLOCK_WARN_MS = 5_000;

export interface DatabaseSubject {
  readonly config: Config & { readonly databaseUrl: string };
  readonly inherited: Readonly<Record<string, string>>;
  readonly facts: () => Promise<DatabaseFacts>;
}

/** @param config With `CHAT_DATABASE_URL`. */
export function databaseSubject(
  config: DatabaseSubject['config'],
  inherited: DatabaseSubject['inherited'],
): DatabaseSubject {
  const { databaseUrl, databaseListenUrl } = config;
  let facts: Promise<DatabaseFacts> | null = null;
  return {
    ...{ config, inherited },
    facts: () => {
      facts ??= examineDatabase(databaseUrl, databaseListenUrl ?? databaseUrl);
      return facts;
    },
  };
}

export const DATABASE_CHECKS: readonly Check<DatabaseSubject>[] = [
  {
    name: 'database',
    why: 'conversations, sign-ins and limits are kept there, and nothing is served without it',
    run: async ({ facts }) => database(await facts()),
  },
  {
    name: 'database durability',
    why: 'what a browser was shown must be there after a crash of the database, or of its machine',
    run: async ({ facts }) => durability(await facts()),
  },
  {
    name: 'database connections',
    why: 'a server that gets no connection refuses prompts, and one that cannot renew its lease ends what it runs',
    run: async ({ facts, config }) => connections(await facts(), config),
  },
  {
    name: 'database latency',
    why: 'words are kept before they are shown, and a lease is renewed in time, by round trips to it',
    run: async ({ facts, config }) => latency(await facts(), config),
  },
  {
    name: 'database notices',
    why: 'without them other servers hear of what happened here up to a second later',
    run: async ({ facts }) =>
      (await facts()).hears
        ? ok('what one connection tells, another hears')
        : fail(
            'what one connection tells, one that listens does not hear',
            'set CHAT_DATABASE_LISTEN_URL to the database itself, past a pooler that hands out connections per transaction',
          ),
  },
  {
    name: 'clock',
    why: 'servers count time by the database’s clock, and people see both',
    run: async ({ facts }) => clock(await facts()),
  },
  {
    name: 'servers',
    why: 'logs, metrics and the operators’ page tell servers apart by their names',
    run: async ({ facts, config }) => servers(await facts(), config),
  },
  {
    name: 'keeper',
    why: 'a server that freezes cannot end what it runs, and another may take its conversations over',
    run: async ({ inherited }) => {
      const keeper = await findKeeper({ inherited });
      return keeper === null
        ? fail('no shell here can wait for a time', 'install bash')
        : ok(keeper.program[0]);
    },
  },
];

function database(facts: DatabaseFacts): Finding {
  const { version, encoding, isStandby, mayCreateTables, schemaVersion } = facts;
  const found = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}, ${encoding}`;
  if (version < VERSION_MIN) return fail(found, 'run PostgreSQL 15 or later');
  if (encoding !== 'UTF8') return fail(found, 'make the database anew with ENCODING UTF8');
  if (isStandby) return fail(`${found}, a standby`, 'name the primary in CHAT_DATABASE_URL');
  if ((schemaVersion ?? 0) > SCHEMA_VERSION)
    return fail(`${found}, with tables of a newer Greenroom`, 'run that version, or a newer one');
  if (schemaVersion !== SCHEMA_VERSION && !mayCreateTables)
    return fail(
      `${found}, where this role may not make the tables`,
      'make the role the owner of the database, or let one that is start a server once',
    );
  return ok(schemaVersion === null ? `${found}, without tables yet` : found);
}

function durability({ unsafe, synchronousCommit }: DatabaseFacts): Finding {
  if (unsafe.length > 0)
    return fail(`${unsafe.join(' and ')} off`, 'switch on in postgresql.conf; a crash ruins it');
  return synchronousCommit === 'off'
    ? warn(
        'synchronous_commit off: a crash of the database loses its last moments',
        'ALTER ROLE … SET synchronous_commit = on, or live with that',
      )
    : ok(`synchronous_commit ${synchronousCommit}`);
}

function connections({ connectionsMax, nodes }: DatabaseFacts, { databasePool }: Config): Finding {
  const each = databasePool + 1;
  const wanted = Math.max(1, nodes.length) * each;
  const found = `${connectionsMax} at most; each server takes up to ${each}, ${nodes.length} are there`;
  return wanted > connectionsMax
    ? warn(found, 'raise max_connections, lower CHAT_DATABASE_POOL, or put a pooler between')
    : ok(found);
}

function latency({ roundTripMs }: DatabaseFacts, { leaseMs }: Config): Finding {
  const found = `${roundTripMs.toFixed(1)} ms a round trip, lease ${leaseMs} ms`;
  return roundTripMs > ROUND_TRIP_WARN_MS
    ? warn(found, 'bring the database nearer, or find out what keeps it busy')
    : ok(found);
}

function clock({ clockAheadMs }: DatabaseFacts): Finding {
  const seconds = (Math.abs(clockAheadMs) / 1_000).toFixed(1);
  const found = `the database’s is ${seconds} s ${clockAheadMs < 0 ? 'behind' : 'ahead'}`;
  return Math.abs(clockAheadMs) > CLOCK_WARN_MS
    ? warn(found, 'let both keep time by NTP; until then Greenroom goes by the database’s')
    : ok(found);
}

function servers({ nodes }: DatabaseFacts, { nodeId }: Config): Finding {
  if (nodes.length === 0) return ok(`none is there; this one would be ${nodeId}`);
  const found = nodes.join(', ');
  const twice = nodes.filter((name, i) => nodes.indexOf(name) !== i);
  return twice.length > 0
    ? warn(`${found}: two are called ${twice[0]}`, 'give each its own CHAT_NODE_ID')
    : ok(found);
}
