/**
 * `npm run bench:scale`: a hundred nodes and a hundred thousand conversations on one PostgreSQL, all on this machine.
 * What is true elsewhere too is what an operation costs the database; how many fit is this machine's.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { sleep } from './process.ts';
import { CONVERSATIONS, type Counters, ScaleDatabase, USERS } from './scale-database.ts';
import type { Load, NodesSettings, Told } from './scale-nodes.ts';
import { noticeCost } from './scale-notices.ts';
import { costs, describe, type Step } from './scale-report.ts';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    live: { type: 'string', default: '0,25,50,100' },
    frames: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '12' },
    elsewhere: { type: 'string', default: '0.02' },
    relaxed: { type: 'boolean', default: true },
    statements: { type: 'boolean', default: false },
    notices: { type: 'boolean', default: true },
    processes: { type: 'string', default: '4' },
    pool: { type: 'string', default: '2' },
  },
  allowNegative: true,
});
const [nodes, processes] = [Number(options.nodes), Number(options.processes)];
const TOKENS_PER_SECOND = 50;

type Child = ReturnType<typeof fork>;

async function main(): Promise<void> {
  print('a PostgreSQL, and what was said in it before');
  const database = await ScaleDatabase.start(options.statements);
  await database.fill();
  print(`a commit alone: ${(await database.commitMs()).toFixed(2)} ms`);
  const notices = options.notices
    ? [
        [0, await noticeCost(database, 0)],
        [25, await noticeCost(database, 25)],
        [100, await noticeCost(database, 100)],
      ]
    : [];
  print(`${nodes} nodes join`);
  const children = await Promise.all(
    Array.from({ length: processes }, (_, i) => start(database, i)),
  );
  await sleep(3_000);
  if (options.statements) await database.statements();
  const steps: Step[] = [];
  for (const live of options.live.split(',').map(Number)) {
    const step = await measure(database, children, live, live > 0);
    steps.push(step);
    print(describe(step));
    if (options.statements) print(`  ${await database.statements()}`);
  }
  if (options.relaxed) {
    await database.query('ALTER SYSTEM SET synchronous_commit = off');
    await database.query('SELECT pg_reload_conf()');
    const live = steps.at(-1)?.live ?? 0;
    steps.push({ ...(await measure(database, children, live, true)), relaxed: true });
    print(describe(steps.at(-1)!));
  }
  const told = await costs(database, steps, notices as [number, number][], nodes);
  print(told);
  for (const child of children) child.send('end');
  await sleep(1_000);
  const results = new URL('./results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  const machine = { node: process.version, cores: availableParallelism() };
  writeFileSync(
    new URL('scale.json', results),
    `${JSON.stringify({ machine, options, notices, steps }, null, 2)}\n`,
  );
  await database.postgres.remove();
}

async function start(database: ScaleDatabase, i: number): Promise<Child> {
  const count = nodes / processes;
  const settings: NodesSettings = {
    ...database.settings('', Number(options.pool)),
    ...{ nodes, count, first: i * count, users: USERS, conversations: CONVERSATIONS },
  };
  const child = fork(new URL('./scale-nodes.ts', import.meta.url), [JSON.stringify(settings)]);
  process.on('exit', () => child.kill('SIGKILL'));
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('nodes did not start')));
  });
  return child;
}

async function measure(
  database: ScaleDatabase,
  children: readonly Child[],
  live: number,
  inUse: boolean,
): Promise<Step> {
  const framesPerSecond = Number(options.frames);
  const load: Load = {
    framesPerSecond,
    tokensPerFrame: Math.max(1, Math.round(TOKENS_PER_SECOND / framesPerSecond)),
    turnMs: 30_000,
    live: live / processes,
    elsewhere: Number(options.elsewhere),
    // Of five people who are there, one waits for an answer; each opens a page every five minutes.
    pages: inUse ? (live * 5) / 300 / processes : 0,
    warmUpMs: 4_000,
    forMs: Number(options.seconds) * 1_000,
  };
  const told = children.map((child) => {
    const { promise, resolve } = Promise.withResolvers<Told>();
    child.once('message', (message) => resolve(message as Told));
    child.send(load);
    return promise;
  });
  await sleep(load.warmUpMs);
  const before = await database.counters();
  let shortestLeaseMs = Number.POSITIVE_INFINITY;
  while (performance.now() - before.at < load.forMs - 500) {
    shortestLeaseMs = Math.min(shortestLeaseMs, await database.shortestLeaseMs());
    await sleep(250);
  }
  const after: Counters = await database.counters();
  return {
    live,
    framesPerSecond,
    relaxed: false,
    before,
    after,
    shortestLeaseMs,
    told: await Promise.all(told),
    forMs: load.forMs,
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
