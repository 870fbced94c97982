/** What the simulation found, in words and figures. */
import type { Counters, ScaleDatabase } from './scale-database.ts';
import type { Told } from './scale-nodes.ts';
import { quantile } from './statistics.ts';

export interface Step {
  readonly live: number;
  readonly framesPerSecond: number;
  readonly relaxed: boolean;
  readonly before: Counters;
  readonly after: Counters;
  readonly shortestLeaseMs: number;
  readonly told: readonly Told[];
  readonly forMs: number;
}

export function describe(step: Step): string {
  const { live, told, before, after, forMs } = step;
  const seconds = (after.at - before.at) / 1_000;
  const sum = (pick: (one: Told) => number) => told.reduce((all, one) => all + pick(one), 0);
  const frameMs = told.flatMap((one) => one.frameMs);
  const promptMs = told.flatMap((one) => one.promptMs);
  const commits = (after.commits - before.commits) / seconds;
  const cpu = (after.cpuMs - before.cpuMs) / seconds / 10;
  const frames = sum((one) => one.frames) / (forMs / 1_000);
  const { moved, hot } = changes(step, 'places');
  return [
    `${live} live runs${step.relaxed ? ', synchronous_commit = off' : ''}: ${frames.toFixed(0)} frames/s`,
    `durable after ${ms(frameMs, 0.5)} / ${ms(frameMs, 0.99)} ms; a prompt began after ${ms(promptMs, 0.5)} / ${ms(promptMs, 0.99)} ms (p50 / p99)`,
    `database: ${cpu.toFixed(0)} % of a core, ${commits.toFixed(0)} transactions/s, ${(((after.cpuMs - before.cpuMs) * 1_000) / (after.commits - before.commits)).toFixed(0)} µs each; WAL ${((after.walBytes - before.walBytes) / seconds / 1e6).toFixed(2)} MB/s`,
    `nodes: ${(sum((one) => one.cpuMs) / 10 / (forMs / 1_000 + 4)).toFixed(0)} % of a core, all this machine does ${((after.machineMs - before.machineMs) / seconds / 10).toFixed(0)} %; shortest lease ${step.shortestLeaseMs.toFixed(0)} ms; lost ${sum((one) => one.lost)}; faults ${sum((one) => one.faults)}; read elsewhere ${(sum((one) => one.seen) / (forMs / 1_000)).toFixed(0)} rows/s`,
    `places: ${moved} updates, ${((hot * 100) / Math.max(1, moved)).toFixed(0)} % without an index; ${after.tables.places?.dead} dead rows`,
  ].join('\n  ');
}

function changes({ before, after }: Step, table: string): { moved: number; hot: number } {
  const [from, to] = [before.tables[table], after.tables[table]];
  return {
    moved: (to?.updated ?? 0) - (from?.updated ?? 0),
    hot: (to?.hot ?? 0) - (from?.hot ?? 0),
  };
}

/** What an operation costs wherever it is done: differences between steps, and sizes. */
export async function costs(
  database: ScaleDatabase,
  steps: readonly Step[],
  notices: readonly [listeners: number, us: number][],
  nodes: number,
): Promise<string> {
  const lines = ['costs'];
  const idle = steps.find(({ live }) => live === 0);
  if (idle) {
    const seconds = (idle.after.at - idle.before.at) / 1_000;
    lines.push(
      `an idle node: ${((idle.after.commits - idle.before.commits) / seconds / nodes).toFixed(1)} transactions/s, ` +
        `${((idle.after.cpuMs - idle.before.cpuMs) / seconds / nodes).toFixed(2)} ms of CPU a second, ` +
        `${((idle.after.walBytes - idle.before.walBytes) / seconds / nodes).toFixed(0)} bytes of WAL a second`,
    );
  }
  const [size] = await database.query(
    'SELECT avg(pg_column_size(j.*))::int AS row, count(*)::int AS rows FROM journal j',
  );
  const last = steps.at(-1)?.after.tables;
  const bytes = (last?.journal?.bytes ?? 0) / Math.max(1, Number(size?.rows));
  lines.push(
    `a frame: a row of ${size?.row} bytes, ${bytes.toFixed(0)} on the disk with its index (${size?.rows} rows)`,
  );
  for (const [name, counts] of Object.entries(last ?? {}))
    lines.push(
      `${name}: ${(counts.bytes / 1e6).toFixed(1)} MB, ${counts.inserted} inserted, ${counts.updated} updated (${((counts.hot * 100) / Math.max(1, counts.updated)).toFixed(0)} % HOT), ${counts.dead} dead, ${counts.vacuums} autovacuums`,
    );
  for (const [listeners, us] of notices)
    lines.push(`a notice to ${listeners} listeners: ${us.toFixed(0)} µs of the database's CPU`);
  return lines.join('\n  ');
}

function ms(values: readonly number[], share: number): string {
  return quantile(values, share).toFixed(1);
}
