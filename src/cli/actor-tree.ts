/** Living actors as a tree of text: conversations with their process and who watches them, then all else. */
import type { ActorEvent, ActorRow } from '../transport/ops/protocol.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** @param now Epoch ms. */
export function actorTree(rows: Iterable<ActorRow>, now: number): string[] {
  const all = [...rows];
  const ids = new Set(all.map(({ id }) => id));
  const isRoot = ({ of }: ActorRow) => of === undefined || !ids.has(of);
  const belonging = Map.groupBy(all, ({ of }) => of);
  return all.filter(isRoot).flatMap((root) => {
    const inside = belonging.get(root.id) ?? [];
    const branches = inside.map((row, i) => {
      const twig = i === inside.length - 1 ? '└ ' : '├ ';
      return twig + lineOf(row, now);
    });
    return [lineOf(root, now), ...branches];
  });
}

function lineOf(row: ActorRow, now: number): string {
  const { kind, id, user, state, since } = row;
  const more = [
    row.run === undefined ? '' : `run ${row.run}`,
    row.queue === undefined ? '' : `${row.queue} waiting`,
    row.tokensPerSecond === undefined ? '' : `${row.tokensPerSecond}/s`,
    row.pid === undefined ? '' : `pid ${row.pid}`,
    row.residentBytes === undefined ? '' : `${Math.round(row.residentBytes / 2 ** 20)} MiB`,
    row.behind === undefined ? '' : `${row.behind} rows behind`,
    row.unsentBytes === undefined ? '' : `${row.unsentBytes} bytes unsent`,
    row.fault === undefined ? '' : `last fault ${row.fault}`,
  ];
  return [kind, id, user ?? '-', state, age(now - since), ...more.filter((text) => text !== '')]
    .join('  ')
    .trimEnd();
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}

/** One event on one line. */
export function eventLine({ at, kind, actor, from, event, state, moved }: ActorEvent): string {
  const { type, ...fields } = event;
  const time = new Date(at).toISOString().slice(11, 23);
  const told = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const arrow = moved ? `→ ${state}` : state;
  return [time, `${from}→${kind}`.padEnd(26), actor.slice(0, 15).padEnd(15), type, ...told, arrow]
    .join(' ')
    .trimEnd();
}
