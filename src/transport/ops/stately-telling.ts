/**
 * What is followed, as the Stately inspector takes it: of each actor first that it is there, then what happens to it. Of
 * those that live already it is told a few at a time, as each brings its machine's definition.
 */
import {
  childId,
  type InspectorHub,
  type LivingKind,
  type Wanted,
} from '../../machines/inspection/hub.ts';
import { type ShownSnapshot, shownSnapshot } from '../../machines/inspection/shown.ts';
import {
  actorMessage,
  endMessage,
  eventMessage,
  type Named,
  snapshotMessage,
} from '../../machines/inspection/stately.ts';
import type { Sighting, Telling } from './following.ts';
import type { ActorEvent, OpsServerFrame, StatelyMessage } from './protocol.ts';

/** Of those that live when it begins, so many are told of; the others when something happens to them. */
const LIVING_MAX = 200;
/** So many of them in a frame. */
const AT_ONCE = 20;

/** What stands for events that were left out. */
const LEFT_OUT = { type: 'greenroom.leftOut' };

export class StatelyTelling implements Telling {
  readonly #hub: InspectorHub;
  /** Whom it has been told of, and not of their end. */
  readonly #known = new Set<string>();
  /** Whom it is to be told of. */
  #waiting: LivingKind[] = [];
  #wanted: Wanted = () => false;

  constructor(hub: InspectorHub) {
    this.#hub = hub;
  }

  begun(): OpsServerFrame[] {
    return [];
  }

  grouped(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#waiting = this.#living().filter(({ id }) => !this.#known.has(id));
  }

  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }

  told(sightings: readonly Sighting[], dropped: number, lost: string | null): OpsServerFrame[] {
    const messages = sightings.flatMap((sighting) => this.#happened(sighting));
    // After the events, as they are told of as they stand now.
    messages.push(...(lost === null ? [] : this.#standing()));
    messages.push(...this.#waiting.splice(0, AT_ONCE).flatMap((living) => this.#met(living)));
    return [{ type: 'stately', messages, dropped }];
  }

  #living(): LivingKind[] {
    return this.#hub.newest(this.#wanted, LIVING_MAX);
  }

  #happened({ seen, stood }: Sighting): StatelyMessage[] {
    const { actor, kind, event, at } = seen;
    if (kind !== 'claude') {
      const who = rootOf(actor, kind);
      const first = this.#first(who, stood, at);
      return [...first, eventMessage(who, seen), ...this.#stands(who, event, stood, at)];
    }
    const child = { id: actor, kind, parent: actor.slice(childId(kind, '').length) };
    const parent = this.#known.has(child.parent) ? null : this.#hub.find(child.parent);
    return [
      ...(parent === null ? [] : this.#met(parent)),
      ...this.#first(child, null, at),
      eventMessage(child, seen),
    ];
  }

  /** It may have been told of already, when something happened to it. */
  #met({ id, kind, actor }: LivingKind): StatelyMessage[] {
    return this.#first(rootOf(id, kind), shownSnapshot(actor.getSnapshot()), this.#hub.now());
  }

  #standing(): StatelyMessage[] {
    return this.#living()
      .filter(({ id }) => this.#known.has(id))
      .flatMap(({ id, kind, actor }) => {
        const stood = shownSnapshot(actor.getSnapshot());
        return this.#stands(rootOf(id, kind), LEFT_OUT, stood, this.#hub.now());
      });
  }

  /** That it is there, with its child, unless that was said. */
  #first(who: Named, stood: ShownSnapshot | null, at: number): StatelyMessage[] {
    if (this.#known.has(who.id)) return [];
    this.#known.add(who.id);
    return [actorMessage(who, stood, at), ...this.#childOf(who, stood, at)];
  }

  #stands(
    who: Named,
    event: ActorEvent['event'],
    stood: ShownSnapshot | null,
    at: number,
  ): StatelyMessage[] {
    if (stood !== null && stood.status !== 'active') this.#known.delete(who.id);
    return [...this.#childOf(who, stood, at), snapshotMessage(who, event, stood, at)];
  }

  /** That its child has come or gone, which its own snapshot tells. */
  #childOf({ id }: Named, stood: ShownSnapshot | null, at: number): StatelyMessage[] {
    const child: Named = { id: childId('claude', id), kind: 'claude', parent: id };
    const isThere = stood?.status === 'active' && stood.children.includes('claude');
    if (isThere) return this.#first(child, null, at);
    return this.#known.delete(child.id) ? [endMessage(child, at)] : [];
  }
}

function rootOf(id: string, kind: LivingKind['kind']): Named {
  return { id, kind, parent: null };
}
