/**
 * What is seen of actors, in the words of the Stately inspector: those that `@statelyai/inspect` sends. Made of what the
 * hub shows, so nothing is in it that the hub hides.
 */
import type {
  ActorEvent,
  ActorKind,
  StatelyMessage,
  StatelySnapshot,
} from '../../transport/ops/protocol.ts';
import { definitionOf } from './definition.ts';
import { childId } from './hub.ts';
import type { ShownSnapshot } from './shown.ts';

/** Whose words they are. The inspector takes a message by this being there. */
export const STATELY_VERSION = '0.7.2';

/** Who a message is about; `parent` is null where it is the root of its system. */
export interface Named {
  readonly id: string;
  readonly kind: ActorKind;
  readonly parent: string | null;
}

/** @param at Epoch ms. */
export function actorMessage(who: Named, stood: ShownSnapshot | null, at: number): StatelyMessage {
  const parent = who.parent === null ? {} : { parentId: who.parent };
  return {
    type: '@xstate.actor',
    name: who.kind,
    ...about(who, at),
    ...parent,
    definition: definitionOf(who.kind),
    snapshot: snapshotOf(stood),
  };
}

/** It took an event. A conversation and its process are each other's senders; elsewhere XState knows none. */
export function eventMessage(who: Named, { event, from, at }: ActorEvent): StatelyMessage {
  const source = senderTo(who, from);
  const sourceId = source === null ? {} : { sourceId: source };
  return { type: '@xstate.event', ...about(who, at), event, ...sourceId };
}

/** Nobody but its conversation sends to a process. */
function senderTo({ id, kind, parent }: Named, from: ActorEvent['from']): string | null {
  if (kind === 'claude') return parent;
  return from === 'claude' ? childId('claude', id) : null;
}

/** It stands so now, after an event. */
export function snapshotMessage(
  who: Named,
  event: ActorEvent['event'],
  stood: ShownSnapshot | null,
  at: number,
): StatelyMessage {
  return { type: '@xstate.snapshot', ...about(who, at), event, snapshot: snapshotOf(stood) };
}

/** It has been ended by its parent, which XState tells nobody. */
export function endMessage(who: Named, at: number): StatelyMessage {
  const event = { type: 'xstate.stop' };
  return { type: '@xstate.snapshot', ...about(who, at), event, snapshot: { status: 'stopped' } };
}

function about({ id, parent }: Named, at: number) {
  const createdAt = String(at);
  return { sessionId: id, rootId: parent ?? id, createdAt, id: null, _version: STATELY_VERSION };
}

function snapshotOf(stood: ShownSnapshot | null): StatelySnapshot {
  if (stood === null) return { status: 'active' };
  const { status, value, context } = stood;
  return { status, ...(value !== null && { value }), context };
}
