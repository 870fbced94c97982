/** What an actor did, as far as it is kept here: the newest events, and how it stood before them. */
import type { ActorEvent, Snapshot } from '../../transport/ops/protocol.ts';

export const KEPT_MAX = 500;

/** An event that is kept. `key` is the trail's own: `n` begins anew with each connection. */
export interface Kept {
  readonly key: number;
  readonly event: ActorEvent;
  /** How many are missing before it; null: nobody knows, as the line was down. */
  readonly missing: number | null;
}

/** How an actor stands. */
export type Standing = Pick<Snapshot, 'state' | 'context'>;

export interface Trail {
  /** Oldest first. */
  readonly kept: readonly Kept[];
  /** How the actors of the trail stood before the first event that is kept, by id, as far as that is known. */
  readonly before: ReadonlyMap<string, Standing>;
  readonly nextKey: number;
  readonly lastN: number | null;
  /** How an actor stood after events that were left out, as the server told then. */
  readonly told: { readonly actor: string; readonly at: number; readonly how: Standing } | null;
  /** The next event comes over another line than the last. */
  readonly isCut: boolean;
}

export const NOTHING: Trail = {
  kept: [],
  before: new Map(),
  nextKey: 0,
  lastN: null,
  told: null,
  isCut: false,
};

export function begin(actor: string | null, snapshot: Snapshot | null): Trail {
  return actor === null || snapshot === null
    ? NOTHING
    : { ...NOTHING, before: new Map([[actor, standing(snapshot)]]) };
}

/** What the server says of an actor unasked, or again: it may have come there by events that were left out. */
export function tell(trail: Trail, actor: string, snapshot: Snapshot | null): Trail {
  return snapshot === null
    ? trail
    : { ...trail, told: { actor, at: trail.nextKey, how: standing(snapshot) } };
}

/** From now on events come over another line. */
export function cut(trail: Trail): Trail {
  return { ...trail, lastN: null, isCut: trail.kept.length > 0 };
}

export function append(trail: Trail, events: readonly ActorEvent[]): Trail {
  let { nextKey, lastN, isCut } = trail;
  const kept = [...trail.kept];
  for (const event of events) {
    const missing = isCut ? null : lastN === null ? 0 : Math.max(0, event.n - lastN - 1);
    kept.push({ key: nextKey, event, missing });
    [nextKey, lastN, isCut] = [nextKey + 1, event.n, false];
  }
  const tooMany = kept.splice(0, Math.max(0, kept.length - KEPT_MAX));
  return { ...trail, kept, before: standAfter(trail.before, tooMany), nextKey, lastN, isCut };
}

function standAfter(before: Trail['before'], gone: readonly Kept[]): Trail['before'] {
  if (gone.length === 0) return before;
  const after = new Map(before);
  for (const { event } of gone) after.set(event.actor, standing(event));
  return after;
}

function standing({ state, context }: Standing): Standing {
  return { state, context };
}

/** How an actor stood after the event at `index`; null: it is not known. */
export function standingAt(trail: Trail, actor: string, index: number): Standing | null {
  const isNow = index >= trail.kept.length - 1 && trail.told?.actor === actor;
  const told = isNow ? trail.told : null;
  for (let at = index; at >= 0; at -= 1) {
    const kept = trail.kept[at];
    if (told !== null && (kept?.key ?? 0) < told.at) return told.how;
    if (kept?.event.actor === actor) return standing(kept.event);
  }
  return trail.before.get(actor) ?? null;
}

/** Where an actor went with the event at `index`; null: it stayed, or the event is of another. */
export function moveAt(trail: Trail, actor: string, index: number): Move | null {
  const event = trail.kept[index]?.event;
  if (event?.actor !== actor || !event.moved) return null;
  const from = standingAt(trail, actor, index - 1);
  return from && { from: from.state, to: event.state };
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Indices of the events that a search and an origin leave over. */
export function find(trail: Trail, text: string, from: string): number[] {
  const wanted = text.trim().toLowerCase();
  return trail.kept.flatMap(({ event }, index) => {
    if (from !== '' && event.from !== from) return [];
    if (wanted === '') return [index];
    const words = `${event.event.type} ${event.actor} ${event.state} ${JSON.stringify(event.event)}`;
    return words.toLowerCase().includes(wanted) ? [index] : [];
  });
}
