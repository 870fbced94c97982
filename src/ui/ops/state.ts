/** What the page knows, and what each frame makes of it. */
import type { ActorRow, Figures, OpsServerFrame } from '../../transport/ops/protocol.ts';
import type { LineState } from './line.ts';
import { append, begin, cut, NOTHING, type Trail, tell } from './trail.ts';

/** Seconds of figures that are kept. */
export const FIGURES_MAX = 120;
/** Followed, it stands for all actors. */
export const ALL = '*';

export type Rows = ReadonlyMap<string, ActorRow>;
export type About = Extract<OpsServerFrame, { type: 'ops' }>;

export interface Followed {
  readonly actor: string;
  /** The last that was known of it; null where it was never in the list, and for all. */
  readonly row: ActorRow | null;
  /** Still asked for: what comes meanwhile is of who was followed before. */
  readonly isAsked: boolean;
  readonly hasEnded: boolean;
  readonly trail: Trail;
  /** Events that the server left out while this one is followed. */
  readonly dropped: number;
}

export interface OpsState {
  readonly line: LineState;
  readonly about: About | null;
  readonly rows: Rows;
  /** Whether the list has been there once. */
  readonly isListed: boolean;
  /** A new list that has not come to its end. */
  readonly arriving: Rows | null;
  /** Oldest first. */
  readonly figures: readonly Figures[];
  readonly followed: Followed | null;
  /** Replies to `follow` that have not come. */
  readonly unanswered: number;
  /** As the server counts: since the socket opened. */
  readonly dropped: number;
}

export const START: OpsState = {
  line: { is: 'connecting' },
  about: null,
  rows: new Map(),
  isListed: false,
  arriving: null,
  figures: [],
  followed: null,
  unanswered: 0,
  dropped: 0,
};

export function receive(state: OpsState, frame: OpsServerFrame): OpsState {
  switch (frame.type) {
    case 'ops':
      return { ...state, about: frame };
    case 'actors': {
      const arriving = patch(state.arriving ?? new Map(), frame.rows, []);
      if (!frame.last) return { ...state, arriving };
      return lookAfter({ ...state, rows: arriving, arriving: null, isListed: true });
    }
    case 'changed':
      return lookAfter({
        ...state,
        rows: patch(state.rows, frame.rows, frame.gone),
        arriving: state.arriving && patch(state.arriving, frame.rows, frame.gone),
      });
    case 'figures':
      return { ...state, figures: [...state.figures, frame.figures].slice(-FIGURES_MAX) };
    case 'followed':
      return answered(state, frame);
    case 'events':
      return took(state, frame);
    default:
      return state;
  }
}

/** @param actor Null: nobody. */
export function follow(state: OpsState, actor: string | null): OpsState {
  const unanswered = state.unanswered + 1;
  if (actor === null) return { ...state, unanswered, followed: null };
  const row = state.rows.get(actor) ?? null;
  const fresh = { isAsked: true, hasEnded: false, trail: NOTHING, dropped: 0 };
  return { ...state, unanswered, followed: { actor, row, ...fresh } };
}

/** A `follow` has its reply, which comes behind its `followed`; or it was never sent. */
export function replied(state: OpsState): OpsState {
  return { ...state, unanswered: Math.max(0, state.unanswered - 1) };
}

/** The line is another, or none: what was kept of the followed stays, and a gap behind it. */
export function lineChanged(state: OpsState, line: LineState): OpsState {
  if (line.is === 'live') return { ...state, line };
  const { followed } = state;
  return {
    ...state,
    line,
    arriving: null,
    unanswered: 0,
    dropped: 0,
    followed: followed && { ...followed, trail: cut(followed.trail) },
  };
}

/** Rows that stay as they are stay the same objects, so that only others are drawn anew. */
function patch(rows: Rows, changed: readonly ActorRow[], gone: readonly string[]): Rows {
  const after = new Map(rows);
  for (const row of changed) after.set(row.id, row);
  for (const id of gone) after.delete(id);
  return after;
}

/** The followed actor's row, as the list has it now. */
function lookAfter(state: OpsState): OpsState {
  const { followed, rows } = state;
  if (!followed || followed.actor === ALL) return state;
  const row = rows.get(followed.actor);
  const hasEnded = row === undefined && (followed.row !== null || followed.hasEnded);
  if (followed.hasEnded === hasEnded && (row ?? followed.row) === followed.row) return state;
  return { ...state, followed: { ...followed, row: row ?? followed.row, hasEnded } };
}

function answered(
  state: OpsState,
  { actor, snapshot }: Extract<OpsServerFrame, { type: 'followed' }>,
): OpsState {
  const { followed } = state;
  if (!followed || state.unanswered > 1) return state;
  // Null is of the only one that was asked for; another is one who was followed before.
  if (actor !== null && actor !== followed.actor) return state;
  const hasEnded = followed.actor !== ALL && snapshot === null && !state.rows.has(followed.actor);
  const isAgain = followed.trail.kept.length > 0;
  const trail = isAgain ? tell(followed.trail, followed.actor, snapshot) : begin(actor, snapshot);
  return { ...state, followed: { ...followed, isAsked: false, hasEnded, trail } };
}

function took(state: OpsState, frame: Extract<OpsServerFrame, { type: 'events' }>): OpsState {
  const left = Math.max(0, frame.dropped - state.dropped);
  const { followed } = state;
  if (!followed || state.unanswered > 0) return { ...state, dropped: frame.dropped };
  return {
    ...state,
    dropped: frame.dropped,
    followed: {
      ...followed,
      dropped: followed.dropped + left,
      trail: append(followed.trail, frame.events),
    },
  };
}
