/** Which actors the list shows, and in which order. */
import type { ActorKind, ActorRow } from '../../transport/ops/protocol.ts';
import type { Rows } from './state.ts';

export const KINDS: readonly ActorKind[] = ['conversation', 'session', 'claude', 'parked'];
export const SORTS = ['newest', 'oldest', 'tokens', 'memory', 'waiting', 'user', 'state'] as const;
export type Sort = (typeof SORTS)[number];

export interface Wanted {
  readonly kind: ActorKind | null;
  readonly state: string | null;
  readonly text: string;
  readonly sort: Sort;
  /** Under the conversation they belong to; else by kind. */
  readonly asTree: boolean;
}

export const ALL_ACTORS: Wanted = {
  kind: null,
  state: null,
  text: '',
  sort: 'newest',
  asTree: true,
};

export interface Line {
  readonly row: ActorRow;
  readonly depth: 0 | 1;
}

/** What the list shows of so many rows. A conversation is shown besides where something of it is wanted. */
export function linesOf(rows: Rows, wanted: Wanted): Line[] {
  const fits = fitting(wanted);
  const compare = COMPARE[wanted.sort];
  if (!wanted.asTree)
    return [...rows.values()]
      .filter(fits)
      .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compare(a, b))
      .map((row) => ({ row, depth: 0 }));

  const families = new Map<string, { head: ActorRow; lead: ActorRow; below: ActorRow[] }>();
  for (const row of rows.values()) {
    if (!fits(row)) continue;
    const head = (row.of === undefined ? undefined : rows.get(row.of)) ?? row;
    const family = families.get(head.id);
    if (family === undefined)
      families.set(head.id, { head, lead: row, below: row === head ? [] : [row] });
    else {
      if (row !== head) family.below.push(row);
      // A family stands where the first of it would.
      if (compare(row, family.lead) < 0) family.lead = row;
    }
  }
  return [...families.values()]
    .sort((a, b) => compare(a.lead, b.lead))
    .flatMap(({ head, below }) => [
      { row: head, depth: 0 as const },
      ...below
        .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compare(a, b))
        .map((row) => ({ row, depth: 1 as const })),
    ]);
}

/** How many there are of each kind, and of each state of the kind that is wanted; the most first. */
export function counts(rows: Rows, kind: ActorKind | null) {
  const kinds = { session: 0, conversation: 0, claude: 0, parked: 0 };
  const states = new Map<string, number>();
  for (const row of rows.values()) {
    kinds[row.kind] += 1;
    if (row.state !== '' && (kind === null || row.kind === kind))
      states.set(row.state, (states.get(row.state) ?? 0) + 1);
  }
  return { kinds, states: [...states].sort(([a, m], [b, n]) => n - m || byName(a, b)) };
}

function fitting({ kind, state, text }: Wanted): (row: ActorRow) => boolean {
  const part = text.trim().toLowerCase();
  return (row) =>
    (kind === null || row.kind === kind) &&
    (state === null || row.state === state) &&
    (part === '' ||
      row.id.toLowerCase().includes(part) ||
      row.user?.toLowerCase().includes(part) === true ||
      row.run?.toLowerCase().includes(part) === true);
}

/** What waits in an actor: prompts and rows first, as they are few; then bytes. */
export function waitingIn(row: ActorRow): number {
  return (row.queue ?? 0) + (row.behind ?? 0) + (row.unsentBytes ?? 0);
}

type Compare = (a: ActorRow, b: ActorRow) => number;

/** Equal ones keep an order of their own, so that rows do not change places while nothing changes. */
const then =
  (compare: Compare): Compare =>
  (a, b) =>
    compare(a, b) || b.since - a.since || byName(a.id, b.id);

const COMPARE: Readonly<Record<Sort, Compare>> = {
  newest: then(() => 0),
  oldest: (a, b) => a.since - b.since || byName(a.id, b.id),
  tokens: then((a, b) => (b.tokensPerSecond ?? 0) - (a.tokensPerSecond ?? 0)),
  memory: then((a, b) => (b.residentBytes ?? 0) - (a.residentBytes ?? 0)),
  waiting: then((a, b) => waitingIn(b) - waitingIn(a)),
  user: then((a, b) => byName(a.user ?? '\uffff', b.user ?? '\uffff')),
  state: then((a, b) => byName(a.state, b.state)),
};

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
