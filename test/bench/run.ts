/**
 * `npm run bench`: Greenroom beside websocketd and minimal `ws` programs. Rounds are interleaved, so that what the
 * machine does meanwhile falls on all of them; the medians are compared, never single runs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { afterwards } from './afterwards.ts';
import { mergedInto, moved, tellMoves } from './baseline.ts';
import { brokerCost } from './broker-cost.ts';
import { clusterCost } from './cluster-cost.ts';
import {
  type Contender,
  greenroom,
  type Server,
  type Tab,
  WITHOUT_JOURNAL,
  watched,
} from './contenders.ts';
import { firstPrompt } from './first-prompt.ts';
import { growth } from './growth.ts';
import { inspectCost } from './inspect-cost.ts';
import {
  burst,
  type Figures,
  firstToken,
  idle,
  idleMany,
  load,
  type Sizes,
  upgrades,
  warmTab,
} from './measures.ts';
import { minimal, websocketd } from './peers.ts';
import { asResults, draw, type Results, type Table } from './report.ts';
import { resume } from './resume.ts';
import { ROWS } from './rows.ts';
import { stall } from './stall.ts';
import { takeCost } from './take-cost.ts';
import { watchers } from './watchers.ts';

const USAGE = `npm run bench -- [options]
  --rounds N      rounds of every measure (5; of the long ones, marked *, 3)
  --quick         one short round: whether it works, not how fast
  --only A,B      of all contenders: burst, load;
                  of those whose sockets differ: first, upgrades, idle, many* (ten times the sockets), stall*;
                  (many and stall leave websocketd out: it takes minutes)
                  of Greenroom: resume, watchers, after* (memory);
                  by themselves: take (what the limits cost a prompt), inspect (what it costs to be looked into:
                  one more contender, too), growth* (10 to 1,000 conversations), cluster (a shared PostgreSQL
                  beside SQLite);
                  with the real CLI: p3 (the first prompt beside claude -p), broker (its CPU)
  --sockets N     idle sockets (1000); ten times as many take ulimit -n above that
  --without A,B   leave contenders out, by name
  --beside DIR    one more Greenroom, from another checkout; may be repeated
  --watched       one more, in which an operator follows every actor
  --flags "F G"   Node flags for Greenroom, besides those of npm start
  --save-baseline what was measured becomes what later runs are compared with (test/bench/baseline.json)

Figures are written to test/bench/results/latest.json.
`;

const DEFAULT =
  'burst,load,first,upgrades,idle,many,stall,resume,watchers,growth,after,take,inspect';
const RESULTS = new URL('./results/latest.json', import.meta.url);
const BASELINE = new URL('./baseline.json', import.meta.url);

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: DEFAULT },
    sockets: { type: 'string', default: '1000' },
    without: { type: 'string', default: '' },
    beside: { type: 'string', multiple: true, default: [] },
    watched: { type: 'boolean', default: false },
    flags: { type: 'string', default: '' },
    'save-baseline': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const rounds = options.quick ? 1 : Math.min(50, Math.max(1, Number(options.rounds ?? 5)));
const longRounds = options.rounds === undefined ? Math.min(3, rounds) : rounds;
const sizes: Sizes = options.quick
  ? {
      burstTokens: 20_000,
      loadSockets: 10,
      loadMs: 1_200,
      firstTurns: 10,
      upgrades: 200,
      idleSockets: 200,
    }
  : {
      burstTokens: 200_000,
      loadSockets: 100,
      loadMs: 3_000,
      firstTurns: 20,
      upgrades: 1_000,
      idleSockets: Number(options.sockets),
    };

interface Entrant {
  readonly contender: Contender;
  readonly server: Server;
  /** For upgrades only. */
  readonly sockets: Server;
  readonly loadTabs: readonly Tab[];
}

interface Measure {
  run(entrant: Entrant): Promise<Figures>;
  /** All contenders; those whose sockets are their own; those with conversations. */
  readonly of: 'all' | 'sockets' | 'conversations';
  readonly isLong?: boolean;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  burst: { of: 'all', run: ({ server }) => burst(server, sizes) },
  load: { of: 'all', run: ({ server, loadTabs }) => load(server, loadTabs, sizes) },
  first: { of: 'sockets', run: ({ server }) => firstToken(server, sizes) },
  upgrades: { of: 'sockets', run: ({ sockets }) => upgrades(sockets, sizes) },
  idle: { of: 'sockets', run: ({ contender }) => idle(contender, sizes) },
  many: { of: 'sockets', isLong: true, run: ({ contender }) => idleMany(contender, sizes) },
  stall: { of: 'sockets', isLong: true, run: ({ contender }) => stall(contender) },
  resume: { of: 'conversations', run: ({ contender }) => resume(contender) },
  watchers: { of: 'conversations', run: ({ server }) => watchers(server) },
  after: { of: 'conversations', isLong: true, run: ({ contender }) => afterwards(contender) },
};

/** Measures of Greenroom alone, or with the real CLI. */
const ALONE: Readonly<Record<string, (rounds: number) => Promise<Table[]>>> = {
  p3: firstPrompt,
  broker: brokerCost,
  take: takeCost,
  inspect: inspectCost,
  growth,
  cluster: clusterCost,
};

async function main(): Promise<void> {
  if (options.help) return print(USAGE.trimEnd());
  const asked = options.only.split(',');
  const unknown = asked.filter((name) => !(name in MEASURES || name in ALONE));
  if (unknown.length > 0) throw new Error(`unknown measure: ${unknown.join(', ')}`);
  const tables: Table[] = [];
  const show = (table: Table) => {
    tables.push(table);
    print(`${draw(table)}\n`);
  };
  for (const name of asked) {
    const own = name === 'growth' ? longRounds : rounds;
    for (const table of (await ALONE[name]?.(own)) ?? []) show(table);
  }
  const wanted = asked.filter((name) => name in MEASURES);
  if (wanted.length > 0) show(await compare(wanted, asked.includes('inspect')));
  const results = asResults(tables, sizes);
  mkdirSync(new URL('.', RESULTS), { recursive: true });
  write(RESULTS, results);
  if (options.quick) return;
  const baseline = existsSync(BASELINE)
    ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Results)
    : null;
  if (baseline) print(tellMoves(moved(baseline, results)));
  if (options['save-baseline']) write(BASELINE, mergedInto(baseline, results));
}

async function compare(wanted: readonly string[], isWatched: boolean): Promise<Table> {
  const entrants: Entrant[] = [];
  for (const contender of contenders(isWatched))
    entrants.push(await enter(contender, wanted.includes('load')));
  const figures = new Map(entrants.map(({ contender }) => [contender.name, [] as Figures[]]));
  for (let round = 1; round <= rounds; round += 1)
    for (const name of wanted) {
      const measure = MEASURES[name]!;
      if (measure.isLong && round > longRounds) continue;
      for (const entrant of entrants.filter(({ contender }) => concerns(measure, contender))) {
        const { name: who } = entrant.contender;
        process.stderr.write(`\rround ${round} of ${rounds}: ${name}, ${who}\x1b[K`);
        figures.get(who)?.push(await measure.run(entrant));
      }
    }
  process.stderr.write('\r\x1b[K');
  await Promise.all(entrants.flatMap(({ server, sockets }) => [server.stop(), sockets.stop()]));
  return {
    name: 'contenders',
    title: 'Greenroom and its peers',
    rows: ROWS,
    rounds: figures,
    bases: ['websocketd', 'minimal ws', 'greenroom'],
  };
}

function concerns({ of, isLong }: Measure, contender: Contender): boolean {
  const { streamsOnly, resumes, isShortOnly } = contender;
  if (isLong && isShortOnly) return false;
  if (of === 'conversations') return resumes === true;
  return of === 'all' || !streamsOnly;
}

function contenders(isWatched: boolean): Contender[] {
  const flags = options.flags.split(' ').filter((flag) => flag !== '');
  const without = options.without.split(',');
  const all = [
    greenroom('greenroom', undefined, flags),
    ...(options.watched || isWatched ? [watched('watched', flags)] : []),
    greenroom('without journal', WITHOUT_JOURNAL, flags),
    ...options.beside.map((root) => greenroom(basename(root), resolve(root), flags)),
    websocketd(),
    minimal('re-frame'),
    minimal('line to frame'),
    minimal('minimal ws'),
    minimal('pipe only'),
  ].filter(({ name }) => !without.includes(name));
  for (const { name, missing } of all) if (missing !== null) print(`${name}: ${missing}`);
  return all.filter(({ missing }) => missing === null);
}

/** Starts its server, and the tabs that stay for the whole run. */
async function enter(contender: Contender, loads: boolean): Promise<Entrant> {
  process.stderr.write(`\rstarting ${contender.name}\x1b[K`);
  const [server, sockets] = [await contender.start('stream'), await contender.start('sockets')];
  const users = Array.from({ length: loads ? sizes.loadSockets : 0 }, (_, i) => i);
  return {
    contender,
    server,
    sockets,
    loadTabs: await Promise.all(users.map((i) => warmTab(server, i))),
  };
}

function write(file: URL, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`\nbench: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
