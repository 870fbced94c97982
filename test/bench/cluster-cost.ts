/**
 * What a shared PostgreSQL costs beside SQLite: a server alone; one of two that share a database, with the socket on
 * the server that runs the conversation; and with the socket on the other one. In turn, so that what the machine does
 * meanwhile falls on all of them.
 */
import { Postgres } from '../support/postgres.ts';
import { greenroom, type Server, type Tab } from './contenders.ts';
import { type Figures, turn, warmTab } from './measures.ts';
import { sleep, treeCpuMs } from './process.ts';
import type { Table } from './report.ts';
import { ROWS } from './rows.ts';
import { quantile } from './statistics.ts';

const BURST_TOKENS = 50_000;
const LOAD_TABS = 8;
const LOAD_PER_SECOND = 50;
const LOAD_MS = 4_000;

interface Watched {
  cpuMs(): number;
  commits(): Promise<number>;
}

interface Way {
  readonly name: string;
  readonly servers: readonly Server[];
  readonly database: Watched | null;
  /** A tab on a conversation that has run before, and whose process waits. */
  open(user: number): Promise<Tab>;
}

export async function clusterCost(rounds: number): Promise<Table[]> {
  const postgres = await Postgres.start({ settings: { fsync: 'on' } });
  const { pid } = postgres;
  process.on('exit', () => {
    try {
      process.kill(pid, 'SIGQUIT');
    } catch {
      // It has ended.
    }
  });
  const env = (name: string, url: string) => ({
    CHAT_DATABASE_URL: url,
    CHAT_NODE_ID: name,
    CHAT_COOKIE_SECRETS: 'a-secret-that-both-servers-of-the-bench-share',
  });
  const url = await postgres.database();
  const alone = await greenroom('SQLite').start('stream');
  const owner = await greenroom('owner', undefined, [], env('owner', url)).start('stream');
  const other = await greenroom('other', undefined, [], env('other', url)).start('stream');
  const shared: Watched = {
    cpuMs: () => treeCpuMs(pid),
    commits: async () => {
      const [row] = await postgres.query(
        'SELECT sum(xact_commit)::float8 AS n FROM pg_stat_database',
      );
      return Number(row?.n);
    },
  };
  const ways: Way[] = [
    { name: 'SQLite', servers: [alone], database: null, open: (user) => warmTab(alone, user) },
    {
      name: 'PostgreSQL',
      servers: [owner, other],
      database: shared,
      open: (user) => warmTab(owner, user),
    },
    {
      name: 'socket elsewhere',
      servers: [owner, other],
      database: shared,
      open: async (user) => {
        const { threadId = '' } = await warmTab(owner, user);
        return other.openThread!(user, threadId);
      },
    },
  ];
  const tabs = new Map<Way, Tab[]>();
  for (const [i, way] of ways.entries()) {
    const users = Array.from({ length: LOAD_TABS }, (_, user) => i * LOAD_TABS + user);
    tabs.set(way, await Promise.all(users.map((user) => way.open(user))));
  }
  const figures = new Map(ways.map(({ name }) => [name, [] as Figures[]]));
  for (let round = 1; round <= rounds; round += 1)
    for (const way of ways) {
      process.stderr.write(`\rround ${round} of ${rounds}: ${way.name}\x1b[K`);
      const own = tabs.get(way) ?? [];
      figures.get(way.name)?.push({ ...(await burst(way, own)), ...(await load(way, own)) });
    }
  process.stderr.write('\r\x1b[K');
  await Promise.all([alone, owner, other].map((server) => server.stop()));
  await postgres.remove();
  return [
    {
      name: 'cluster',
      title: `${LOAD_TABS} conversations under load; server CPU is that of both servers`,
      rows: ROWS,
      rounds: figures,
      bases: ['SQLite'],
    },
  ];
}

async function burst(way: Way, [tab]: readonly Tab[]): Promise<Figures> {
  if (tab === undefined) throw new Error('no tab');
  const [cpu, database] = [cpuOf(way), way.database?.cpuMs()];
  const { askedAt, lastTokenAt } = await turn(tab, `burst ${BURST_TOKENS}`, BURST_TOKENS);
  return {
    burstRate: BURST_TOKENS / ((lastTokenAt - askedAt) / 1e6),
    burstCpu: ((cpuOf(way) - cpu) * 1_000) / BURST_TOKENS,
    ...(way.database &&
      database !== undefined && {
        databaseBurst: ((way.database.cpuMs() - database) * 1_000) / BURST_TOKENS,
      }),
  };
}

async function load(way: Way, tabs: readonly Tab[]): Promise<Figures> {
  const tokens = (LOAD_PER_SECOND * LOAD_MS) / 1_000;
  const prompt = `rate ${LOAD_PER_SECOND} for ${LOAD_MS} after 1`;
  const turns = Promise.all(tabs.map((tab) => turn(tab, prompt, tokens)));
  await sleep(LOAD_MS / 4);
  const before = (await way.database?.commits()) ?? 0;
  const [from, cpu, database] = [nowUs(), cpuOf(way), way.database?.cpuMs() ?? 0];
  await sleep(LOAD_MS / 2);
  const to = nowUs();
  const [usedCpu, usedDatabase] = [cpuOf(way) - cpu, (way.database?.cpuMs() ?? 0) - database];
  const commits = ((await way.database?.commits()) ?? 0) - before;
  // Only what was written in between counts: prompts at the same moment are another matter.
  const delays = (await turns)
    .flatMap(({ timed }) => timed)
    .filter(({ at }) => at >= from && at < to)
    .map(({ delay }) => delay);
  return {
    loadCpu: (usedCpu * 100_000) / (to - from),
    loadP50: quantile(delays, 0.5) / 1_000,
    loadP99: quantile(delays, 0.99) / 1_000,
    ...(way.database && {
      databaseLoad: (usedDatabase * 100_000) / (to - from),
      transactions: (commits * 1e6) / (to - from),
    }),
  };
}

function cpuOf({ servers }: Way): number {
  return servers.reduce((sum, { program }) => sum + program.cpuMs, 0);
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
