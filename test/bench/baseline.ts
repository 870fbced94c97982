/**
 * What moved against an earlier run. Where a column has a base, ratios to it are compared: both were measured in the
 * same minutes, on whatever machine. A figure without a base is compared on the same machine only.
 */
import type { Kept, Results } from './report.ts';
import { median, spread } from './statistics.ts';

/** Fewer rounds do not tell their noise. */
const ROUNDS_MIN = 3;
/** Medians of identical runs have been seen this far apart, in percent, whatever their rounds say. */
const NOISE_MIN = 3;

export interface Move {
  readonly table: string;
  readonly column: string;
  readonly row: string;
  /** Ratios to the base, or plain figures. */
  readonly before: number;
  readonly now: number;
  readonly isRatio: boolean;
  /** Percent: of `now` over `before`, and how much of that may be noise. */
  readonly change: number;
  readonly noise: number;
}

interface Figure {
  readonly value: number;
  /** Percent. */
  readonly noise: number;
}

/** What changed by more than the noise of both runs together, the largest change first. */
export function moved(baseline: Results, results: Results): Move[] {
  const isSameMachine =
    baseline.machine.cpu === results.machine.cpu &&
    baseline.machine.cores === results.machine.cores;
  const moves: Move[] = [];
  for (const [table, now] of Object.entries(results.tables)) {
    const before = baseline.tables[table];
    // Other sizes are another measure.
    if (!before || JSON.stringify(before.settings) !== JSON.stringify(now.settings)) continue;
    for (const [column, rows] of Object.entries(now.figures))
      for (const row of Object.keys(rows)) {
        const base = [before, now].every((kept) => baseOf(kept, row) === baseOf(now, row))
          ? baseOf(now, row)
          : undefined;
        const isRatio = base !== undefined && base !== column;
        if (!isRatio && !isSameMachine) continue;
        const [then, current] = [before, now].map((kept) =>
          figure(kept, column, row, isRatio ? base : undefined),
        );
        if (!then || !current) continue;
        const change = (current.value / then.value - 1) * 100;
        const noise = Math.max(NOISE_MIN, then.noise + current.noise);
        if (Math.abs(change) <= noise) continue;
        const values = { before: then.value, now: current.value, isRatio, change, noise };
        moves.push({ table, column, row, ...values });
      }
  }
  return moves.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

export function tellMoves(moves: readonly Move[]): string {
  if (moves.length === 0) return 'nothing moved against the baseline by more than the noise';
  const lines = moves.map(({ table, column, row, before, now, isRatio, change, noise }) => {
    const unit = isRatio ? '×' : '';
    return (
      `  ${table}: ${column}, ${row}: ${shown(before)}${unit} -> ${shown(now)}${unit}, ` +
      `${change > 0 ? '+' : ''}${change.toFixed(0)} % (noise ${noise.toFixed(0)} %)`
    );
  });
  return ['moved against the baseline by more than the noise of both:', ...lines].join('\n');
}

/** A baseline with the tables and rows of this run in the place of its own; the others stay. */
export function mergedInto(baseline: Results | null, results: Results): Results {
  const tables: Record<string, Kept> = { ...baseline?.tables };
  for (const [name, now] of Object.entries(results.tables)) {
    const before = tables[name];
    const figures = { ...before?.figures };
    for (const [column, rows] of Object.entries(now.figures))
      figures[column] = { ...figures[column], ...rows };
    tables[name] = { ...now, units: { ...before?.units, ...now.units }, figures };
  }
  return { ...results, tables };
}

function baseOf({ bases, figures }: Kept, row: string): string | undefined {
  return bases.find((name) => (figures[name]?.[row]?.length ?? 0) > 0);
}

/** The noise of a ratio is that of its two halves. */
function figure(kept: Kept, column: string, row: string, base?: string): Figure | null {
  const own = kept.figures[column]?.[row] ?? [];
  const other = base === undefined ? null : (kept.figures[base]?.[row] ?? []);
  if (own.length < ROUNDS_MIN || (other !== null && other.length < ROUNDS_MIN)) return null;
  const value = median(own) / (other ? median(other) : 1);
  const noise = spread(own) + (other ? spread(other) : 0);
  return Number.isFinite(value) && value !== 0 ? { value, noise } : null;
}

function shown(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
