/** The table people read, and the figures machines compare. */
import { availableParallelism } from 'node:os';
import type { Figures } from './measures.ts';
import { median, spread } from './statistics.ts';

interface Row {
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
}

const ROWS: Readonly<Record<string, Row>> = {
  burstRate: { label: 'burst to one socket', unit: 'tokens/s', digits: 0 },
  burstCpu: { label: '  server CPU', unit: 'µs/token', digits: 2 },
  loadCpu: { label: 'load: many sockets × 50 tokens/s', unit: '% of a core', digits: 1 },
  loadP50: { label: '  added latency, p50', unit: 'ms', digits: 2 },
  loadP99: { label: '  added latency, p99', unit: 'ms', digits: 2 },
  loopP99: { label: '  event loop late by, p99', unit: 'ms', digits: 2 },
  loopMax: { label: '  at most', unit: 'ms', digits: 1 },
  databaseBurst: { label: 'database CPU, burst', unit: 'µs/token', digits: 2 },
  databaseLoad: { label: 'database CPU, load', unit: '% of a core', digits: 1 },
  transactions: { label: 'transactions, load', unit: '/s', digits: 0 },
  firstP50: { label: 'first token, warm process, p50', unit: 'ms', digits: 2 },
  firstP90: { label: '  p90', unit: 'ms', digits: 2 },
  upgradeRate: { label: 'upgrades', unit: '/s', digits: 0 },
  upgradeCpu: { label: '  server CPU', unit: 'µs each', digits: 0 },
  idlePerSocket: { label: 'memory of an idle socket', unit: 'KB', digits: 1 },
  idleRss: { label: '  and of the server without', unit: 'MB', digits: 0 },
  readGrowth: { label: 'growth, 2 M tokens read at once', unit: 'MB', digits: 0 },
  stallGrowth: { label: '  into a reader that stalls 5 s', unit: 'MB', digits: 0 },
};

/** All rounds of each contender, by its name. */
export type Rounds = ReadonlyMap<string, readonly Figures[]>;

export function table(rounds: Rounds, base: string): string {
  const names = [...rounds.keys()];
  const head = ['', '', ...names];
  const measured = Object.entries(ROWS).filter(([key]) =>
    names.some((name) => valuesOf(rounds, name, key).length > 0),
  );
  const body = measured.map(([key, { label, unit, digits }]) => [
    label,
    unit,
    ...names.map((name) => cell(valuesOf(rounds, name, key), valuesOf(rounds, base, key), digits)),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((line) => line[i]!.length)));
  const draw = (line: readonly string[]) =>
    line.map((text, i) => (i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ');
  return [head, ...body].map(draw).join('\n');
}

/** Median, how far the rounds lay apart, and the ratio to the base: `1.25 ±4 % 0.12×`. */
function cell(values: readonly number[], base: readonly number[], digits: number): string {
  if (values.length === 0) return '–';
  const middle = median(values);
  const number = middle.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const ratio = base.length > 0 ? ` ${(middle / median(base)).toFixed(2).padStart(5)}×` : '';
  return `${number} ±${spread(values).toFixed(0).padStart(2)} %${ratio}`;
}

function valuesOf(rounds: Rounds, name: string, key: string): number[] {
  const values = (rounds.get(name) ?? []).map((figures) => figures[key] ?? Number.NaN);
  return values.filter(Number.isFinite);
}

export function asJson(rounds: Rounds, settings: object): string {
  const figures = Object.fromEntries(
    [...rounds.keys()].map((name) => [
      name,
      Object.fromEntries(
        Object.keys(ROWS).map((key) => {
          const values = valuesOf(rounds, name, key);
          return [key, { median: median(values), rounds: values }];
        }),
      ),
    ]),
  );
  const units = Object.fromEntries(Object.entries(ROWS).map(([key, { unit }]) => [key, unit]));
  const machine = { node: process.version, cores: availableParallelism() };
  const at = new Date().toISOString();
  return `${JSON.stringify({ at, machine, settings, units, figures }, null, 2)}\n`;
}
