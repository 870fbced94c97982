/** Who takes part in a sequence of events, and from whom to whom each went. */
import type { ActorEvent } from '../../transport/ops/protocol.ts';
import type { Trail } from './trail.ts';

export type Lane = 'edge' | 'session' | 'conversation' | 'claude' | 'parked' | 'limits' | 'server';

const ALWAYS: readonly Lane[] = ['edge', 'session', 'conversation', 'claude'];
const WHERE_USED: readonly Lane[] = ['parked', 'limits', 'server'];

/** The lanes from left to right: the line's own always, others where one of the events is theirs. */
export function lanesOf({ kept }: Trail): Lane[] {
  const used = new Set(kept.flatMap(({ event }) => [event.kind, event.from]));
  return [...ALWAYS, ...WHERE_USED.filter((lane) => used.has(lane))];
}

export interface Arrow {
  readonly from: number;
  /** The same as `from`: its own, or a timer's. */
  readonly to: number;
}

export function arrowOf({ from, kind }: ActorEvent, lanes: readonly Lane[]): Arrow {
  const to = lanes.indexOf(kind);
  return { from: from === 'timer' ? to : lanes.indexOf(from), to };
}
