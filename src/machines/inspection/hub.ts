/**
 * Where living actors can be watched. While nobody watches it costs nothing: the registries hold the actors, and an
 * actor is looked into only while somebody wants to see it. What is seen is redacted here, for every watcher alike.
 */
import type { AnyActor, AnyActorRef, InspectionEvent } from 'xstate';
import type { ActorKind, ActorEvent as Seen } from '../../transport/ops/protocol.ts';
import type { ActorRegistry } from '../registry.ts';
import { originOf } from './origin.ts';
import { type ShownSnapshot, shownEvent, shownSnapshot, stateOf } from './shown.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Living {
  /** Unique among all there are. */
  readonly id: string;
  readonly actor: AnyActor;
}

/** Where actors live. */
export type Source = Pick<ActorRegistry<Living>, 'values' | 'follow'>;
export type Sources = Readonly<Partial<Record<ActorKind, Source>>>;

export interface LivingKind extends Living {
  readonly kind: ActorKind;
}

/** Hears of an event; `stood` is how its actor stood after it, null of one whose states are not seen. */
export type See = (seen: Seen, stood: ShownSnapshot | null) => void;

/** Whether a watcher wants to see an actor, and with it the children it has. */
export type Wanted = (id: string, kind: ActorKind) => boolean;

export interface WatchRule {
  /** Events a second that a watcher is told at most, and how many at once after a pause. */
  readonly perSecond: number;
  readonly burst: number;
}

export const WATCH_RULE: WatchRule = { perSecond: 500, burst: 1_000 };

/** The id of a child: there is one of a name in an actor. */
export function childId(child: string, of: string): string {
  return `${child}:${of}`;
}

export class InspectorHub {
  readonly #sources: Sources;
  /** Epoch ms. */
  readonly now: () => number;

  constructor(sources: Sources, now: () => number = Date.now) {
    this.#sources = sources;
    this.now = now;
  }

  find(id: string): LivingKind | null {
    for (const [kind, registry] of this.#registries) {
      const found = registry.values().find((living) => living.id === id);
      if (found) return { id, actor: found.actor, kind };
    }
    return null;
  }

  /** Those that live and are wanted, of each kind the newest, or what was used last, first; at most `max`. */
  newest(wanted: Wanted, max: number): LivingKind[] {
    const kinds = this.#registries.map(([kind, registry]) =>
      [...registry.values()]
        .filter(({ id }) => wanted(id, kind))
        .map(({ id, actor }) => ({ id, actor, kind }))
        .reverse(),
    );
    // One of each kind in turn: many of one leave room for the others.
    const longest = Math.max(0, ...kinds.map((living) => living.length));
    const turns = Array.from({ length: Math.min(longest, max) }, (_, turn) =>
      kinds.flatMap((living) => living[turn] ?? []),
    );
    return turns.flat().slice(0, max);
  }

  /** Shows each event of those that are wanted, from now on and of those that start later, within a budget. */
  watch(wanted: Wanted, see: See, rule: WatchRule = WATCH_RULE): Watch {
    return new Watch(this.#registries, { wanted, see, rule, now: this.now });
  }

  get #registries(): [ActorKind, Source][] {
    return Object.entries(this.#sources) as [ActorKind, Source][];
  }
}

interface WatchParts {
  readonly wanted: Wanted;
  readonly see: See;
  readonly rule: WatchRule;
  readonly now: () => number;
}

export class Watch {
  readonly #parts: WatchParts;
  readonly #bucket: TokenBucket;
  readonly #looks = new Set<() => void>();
  #seen = 0;
  #dropped = 0;

  constructor(registries: [ActorKind, Source][], parts: WatchParts) {
    this.#parts = parts;
    this.#bucket = new TokenBucket(parts.rule, parts.now);
    for (const [kind, registry] of registries) {
      this.#looks.add(registry.follow((living) => this.#lookInto(living, kind)));
      for (const living of registry.values()) this.#lookInto(living, kind);
    }
  }

  /** Events that were left out, as they were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Actors that are looked into, and registries that are followed. */
  get looks(): number {
    return this.#looks.size;
  }

  close(): void {
    for (const end of this.#looks) end();
    this.#looks.clear();
  }

  #lookInto(living: Living, kind: ActorKind): void {
    if (!this.#parts.wanted(living.id, kind)) return;
    const { actor } = living;
    let before = stateOf(actor.getSnapshot());
    const look = actor.system.inspect((inspected) => {
      // What goes wrong here must not go wrong in the actor that is looked into.
      try {
        before = this.#inspect(inspected, living, kind, before);
      } catch {
        this.#dropped += 1;
      }
    });
    // One that has gone is looked into until the end, as XState tells its last state after that; it then is forgotten.
    const forget = () => this.#looks.delete(end);
    const gone = actor.subscribe({ complete: forget, error: forget });
    const end = () => {
      look.unsubscribe();
      gone.unsubscribe();
    };
    this.#looks.add(end);
  }

  /** @returns The name of the state it is in now. */
  #inspect(inspected: InspectionEvent, living: Living, kind: ActorKind, before: string): string {
    const { id, actor } = living;
    const { type, actorRef } = inspected;
    if (type === '@xstate.event' && actorRef !== actor) {
      const child = (actorRef as AnyActorRef & { id: string }).id;
      // Of the children only Claude is one to see; the others are promises.
      if (child === 'claude') this.#tell(inspected.event, childId(child, id), 'claude', '', before);
    }
    if (type !== '@xstate.snapshot' || actorRef !== actor) return before;
    const state = stateOf(inspected.snapshot);
    this.#tell(inspected.event, id, kind, state, before, inspected.snapshot);
    return state;
  }

  #tell(
    event: { type: string },
    actor: string,
    kind: ActorKind,
    state: string,
    before: string,
    snapshot?: unknown,
  ): void {
    this.#seen += 1;
    if (!this.#bucket.take()) {
      this.#dropped += 1;
      return;
    }
    const stood = snapshot === undefined ? null : shownSnapshot(snapshot);
    const seen: Seen = {
      n: this.#seen,
      at: this.#parts.now(),
      actor,
      kind,
      from: originOf(event.type, kind),
      event: shownEvent(event),
      state,
      moved: state !== before && state !== '',
      context: stood?.context ?? {},
    };
    this.#parts.see(seen, stood);
  }
}
