/**
 * `npm run bench`: Greenroom beside websocketd and a minimal `ws` program. Rounds are interleaved, so that what
 * the machine does meanwhile falls on all of them; the medians are compared, never single runs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
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
import { inspectCost } from './inspect-cost.ts';
import {
  burst,
  type Figures,
  firstToken,
  idle,
  load,
  type Sizes,
  upgrades,
  warmTab,
} from './measures.ts';
import { minimal, websocketd } from './peers.ts';
import { asJson, table } from './report.ts';
import { stall } from './stall.ts';
import { takeCost } from './take-cost.ts';

const USAGE = `npm run bench -- [options]
  --rounds N      rounds of every measure (5)
  --quick         one short round: whether it works, not how fast
  --only A,B      of burst, load, first, upgrades, idle, and stall, which is long;
                  by themselves: take (what the limits cost a prompt), inspect (what it costs to be looked into),
                  cluster (a shared PostgreSQL beside SQLite);
                  with the real CLI: p3 (the first prompt beside claude -p), broker (its CPU)
  --sockets N     idle sockets (1000); 10000 takes ulimit -n above 10100, and websocketd 10000 processes
  --without A,B   leave contenders out, by name
  --beside DIR    one more Greenroom, from another checkout; may be repeated
  --watched       one more, in which an operator follows every actor
  --flags "F G"   Node flags for Greenroom
`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'burst,load,first,upgrades,idle,take,inspect' },
    sockets: { type: 'string', default: '1000' },
    without: { type: 'string', default: '' },
    beside: { type: 'string', multiple: true, default: [] },
    watched: { type: 'boolean', default: false },
    flags: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

const rounds = options.quick ? 1 : Math.min(50, Math.max(1, Number(options.rounds)));
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
      loadMs: 4_000,
      firstTurns: 30,
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

const MEASURES: Readonly<Record<string, (entrant: Entrant) => Promise<Figures>>> = {
  burst: ({ server }) => burst(server, sizes),
  load: ({ server, loadTabs }) => load(server, loadTabs, sizes),
  first: ({ server }) => firstToken(server, sizes),
  upgrades: ({ sockets }) => upgrades(sockets, sizes),
  idle: ({ contender }) => idle(contender, sizes),
  stall: ({ contender }) => stall(contender),
};

/** Not of contenders that differ in their streams only. */
const OF_SOCKETS: ReadonlySet<string> = new Set(['upgrades', 'idle', 'stall']);

/** Measures of Greenroom alone, or with the real CLI. */
const ALONE: Readonly<Record<string, (rounds: number) => Promise<string>>> = {
  p3: firstPrompt,
  broker: brokerCost,
  take: takeCost,
  inspect: inspectCost,
  cluster: clusterCost,
};

async function main(): Promise<void> {
  if (options.help) return print(USAGE.trimEnd());
  const asked = options.only.split(',');
  for (const name of asked) if (name in ALONE) print((await ALONE[name]?.(rounds)) ?? '');
  const wanted = asked.filter((name) => !(name in ALONE));
  if (wanted.length === 0) return;
  const unknown = wanted.filter((name) => !(name in MEASURES));
  if (unknown.length > 0) throw new Error(`unknown measure: ${unknown.join(', ')}`);
  const entrants: Entrant[] = [];
  for (const contender of contenders())
    entrants.push(await enter(contender, wanted.includes('load')));
  const figures = new Map(entrants.map(({ contender }) => [contender.name, [] as Figures[]]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of wanted) {
      for (const entrant of entrants) {
        process.stderr.write(
          `\rround ${round} of ${rounds}: ${name}, ${entrant.contender.name}\x1b[K`,
        );
        if (entrant.contender.streamsOnly && OF_SOCKETS.has(name)) continue;
        figures.get(entrant.contender.name)?.push(await MEASURES[name]!(entrant));
      }
    }
  }
  process.stderr.write('\r\x1b[K');
  await Promise.all(entrants.flatMap(({ server, sockets }) => [server.stop(), sockets.stop()]));
  print(table(figures, 'websocketd'));
  print(`\nmedians of ${rounds} rounds, ± half their range; × is the ratio to websocketd`);
  const results = new URL('./results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  writeFileSync(new URL('latest.json', results), asJson(figures, { rounds, ...sizes }));
}

function contenders(): Contender[] {
  const flags = options.flags.split(' ').filter((flag) => flag !== '');
  const without = options.without.split(',');
  const all = [
    greenroom('greenroom', undefined, flags),
    ...(options.watched ? [watched('watched', flags)] : []),
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
