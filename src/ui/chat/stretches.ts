/** How a long conversation is cut into stretches, so that only those near the reader need to be drawn. */
import type { Item, Run } from './thread.ts';

/** Runs that are drawn, or not, together. */
export interface Stretch {
  /** The id of its first run. */
  readonly key: string;
  readonly runs: readonly Run[];
}

/** Few, so that little is drawn at once; more than one, so that little has to be watched. */
const RUNS_MAX = 3;

/**
 * Cuts runs into stretches as they were cut before: what came in front, or at the end, moves no cut, and a
 * stretch whose runs are the same objects as before is the same object.
 */
export function regroup(before: readonly Stretch[], runs: readonly Run[]): readonly Stretch[] {
  const first = before[0]?.key;
  const known = first === undefined ? -1 : runs.findIndex(({ id }) => id === first);
  if (known < 0) return cut(runs);
  const stretches = cut(runs.slice(0, known));
  let at = known;
  for (const old of before) {
    if (at >= runs.length) break;
    const isLast = old === before.at(-1);
    const now = runs.slice(
      at,
      at + (isLast ? Math.max(RUNS_MAX, old.runs.length) : old.runs.length),
    );
    at += now.length;
    stretches.push(isSame(old.runs, now) ? old : stretchOf(now));
  }
  return [...stretches, ...cut(runs.slice(at))];
}

function cut(runs: readonly Run[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (let at = 0; at < runs.length; at += RUNS_MAX)
    stretches.push(stretchOf(runs.slice(at, at + RUNS_MAX)));
  return stretches;
}

function stretchOf(runs: readonly Run[]): Stretch {
  return { key: runs[0]?.id ?? '', runs };
}

function isSame(one: readonly Run[], other: readonly Run[]): boolean {
  return one.length === other.length && one.every((run, index) => run === other[index]);
}

/** True where one of the runs has this message, or this tool call. */
export function holdsMessage(runs: readonly Run[], messageId: string): boolean {
  return runs.some(({ items }) => items.some(({ id }) => id === messageId));
}

const LINE_PX = 26;
const LINE_CHARACTERS = 80;
const GAP_PX = 20;
const FOLDED_PX = 40;

/** How tall a stretch will be, about, before it was ever drawn; px. */
export function roughHeight({ runs }: Stretch): number {
  return runs.reduce((sum, { items }) => sum + items.reduce(addHeight, 0), 0);
}

function addHeight(sum: number, item: Item): number {
  const isWritten = (item.kind === 'text' || item.kind === 'user') && item.lane === null;
  if (!isWritten) return sum + (item.lane === null ? FOLDED_PX + GAP_PX : 0);
  const lines = item.text.split('\n').map(({ length }) => Math.max(1, length / LINE_CHARACTERS));
  return sum + GAP_PX + LINE_PX * Math.ceil(lines.reduce((a, b) => a + b, 0));
}
