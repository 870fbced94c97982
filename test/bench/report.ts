/** The tables people read, and the figures machines compare. */
import { availableParallelism, cpus } from 'node:os';
import type { Figures } from './measures.ts';
import { median, spread } from './statistics.ts';

/** A figure: what it is called, its unit, and the digits behind the point that mean something. */
export interface Row {
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
}

/** All rounds of each column, by its name. */
export type Rounds = ReadonlyMap<string, readonly Figures[]>;

/** What one benchmark found; all of them give their figures so. */
export interface Table {
  readonly name: string;
  readonly title: string;
  readonly rows: Readonly<Record<string, Row>>;
  readonly rounds: Rounds;
  /** Columns that ratios are to: the first that has the figure. */
  readonly bases: readonly string[];
}

export function draw({ title, rows, rounds, bases }: Table): string {
  const names = [...rounds.keys()].filter((name) =>
    Object.keys(rows).some((key) => valuesOf(rounds, name, key).length > 0),
  );
  const head = ['', '', ...names];
  const measured = Object.entries(rows).filter(([key]) =>
    names.some((name) => valuesOf(rounds, name, key).length > 0),
  );
  const body = measured.map(([key, { label, unit, digits }]) => {
    const base = bases.map((name) => valuesOf(rounds, name, key)).find(({ length }) => length > 0);
    return [
      label,
      unit,
      ...names.map((name) => cell(valuesOf(rounds, name, key), base ?? [], digits)),
    ];
  });
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((line) => line[i]!.length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ');
  const count = Math.max(
    ...measured.flatMap(([key]) => names.map((name) => valuesOf(rounds, name, key).length)),
  );
  const note = `medians of ${count} rounds, of long measures fewer, ± half their range; × is the ratio to ${bases.join(', else to ')}`;
  return [title, ...[head, ...body].map(line), note].join('\n');
}

/** Median, how far the rounds lay apart, and the ratio to the base: `1.25 ±4 % 0.12×`. */
function cell(values: readonly number[], base: readonly number[], digits: number): string {
  if (values.length === 0) return '–';
  const middle = median(values);
  const number = middle.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // Of a pause that did not happen there is no ratio.
  const ratio = median(base) > 0 ? ` ${(middle / median(base)).toFixed(2).padStart(5)}×` : '';
  return `${number} ±${spread(values).toFixed(0).padStart(2)} %${ratio}`;
}

function valuesOf(rounds: Rounds, name: string, key: string): number[] {
  const values = (rounds.get(name) ?? []).map((figures) => figures[key] ?? Number.NaN);
  return values.filter(Number.isFinite);
}

/** One table in `latest.json` and in a baseline. */
export interface Kept {
  readonly settings: object;
  readonly bases: readonly string[];
  readonly units: Readonly<Record<string, string>>;
  /** By column and row: what each round gave. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

export interface Results {
  readonly at: string;
  readonly machine: { readonly node: string; readonly cores: number; readonly cpu: string };
  readonly tables: Readonly<Record<string, Kept>>;
}

export function asResults(tables: readonly Table[], settings: object): Results {
  const cpu = cpus()[0]?.model ?? '';
  return {
    at: new Date().toISOString(),
    machine: { node: process.version, cores: availableParallelism(), cpu },
    tables: Object.fromEntries(tables.map((table) => [table.name, keep(table, settings)])),
  };
}

function keep({ rows, rounds, bases }: Table, settings: object): Kept {
  const rowsOf = (name: string) =>
    Object.keys(rows)
      .map((key) => [key, valuesOf(rounds, name, key).map(rounded)] as const)
      .filter(([, values]) => values.length > 0);
  return {
    settings,
    bases,
    units: Object.fromEntries(Object.entries(rows).map(([key, { unit }]) => [key, unit])),
    figures: Object.fromEntries(
      [...rounds.keys()].map((name) => [name, Object.fromEntries(rowsOf(name))]),
    ),
  };
}

/** Five digits: more than any of these measures has. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
