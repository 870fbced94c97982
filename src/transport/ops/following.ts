/** What one operator follows: the events of an actor and of those around it, in batches, within a budget. */
import type { InspectorHub, Wanted, Watch } from '../../machines/inspection/hub.ts';
import type { ShownSnapshot } from '../../machines/inspection/shown.ts';
import { EventTelling } from './event-telling.ts';
import type { ActorEvent, OpsServerFrame } from './protocol.ts';

const FLUSH_MS = 100;
/** Who watches may have come to watch somebody else. */
const REGROUP_MS = 500;
/** With more than this unsent, events are left out: the list comes first. */
const UNSENT_BYTES_MAX = 256 * 1024;

export const ALL = '*';

/** An event, and how its actor stood after; null of one whose states are not seen. */
export interface Sighting {
  readonly seen: ActorEvent;
  readonly stood: ShownSnapshot | null;
}

/** In which words it is told. */
export interface Telling {
  /** What is said when it is asked to begin. @param actor Null: nothing is followed. */
  begun(actor: string | null): OpsServerFrame[];
  /** Others are among those that are followed, at first all. */
  grouped(wanted: Wanted): void;
  /** There is something to say though nothing happened. */
  readonly hasMore: boolean;
  /**
   * @param dropped How many were left out in all.
   * @param lost The actor that is followed, where some were left out just now: they may have been the way to the state
   * it is in.
   */
  told(sightings: readonly Sighting[], dropped: number, lost: string | null): OpsServerFrame[];
}

export interface FollowingParts {
  readonly hub: InspectorHub;
  /** Those that are seen with an actor: itself, and who it deals with. */
  readonly groupOf: (id: string) => ReadonlySet<string>;
  readonly tell: (frame: OpsServerFrame) => void;
  readonly unsentBytes: () => number;
}

export class Following {
  readonly #parts: FollowingParts;
  #telling: Telling | null = null;
  #actor: string | null = null;
  #group: ReadonlySet<string> = new Set();
  #watch: Watch | null = null;
  #timers: NodeJS.Timeout[] = [];
  #pending: Sighting[] = [];
  /** Of watches before this one. */
  #numbered = 0;
  #dropped = 0;
  #toldDropped = 0;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
  }

  /** @param actor An id, `*` for all, null for none. @returns Whether it is there to be followed. */
  follow(actor: string | null, telling: Telling = new EventTelling(this.#parts.hub)): boolean {
    this.close();
    const isThere = actor === null || actor === ALL || this.#parts.hub.find(actor) !== null;
    this.#actor = isThere ? actor : null;
    this.#telling = telling;
    this.#say(telling.begun(this.#actor));
    if (this.#actor === null) return isThere;
    this.#regroup();
    this.#timers = [
      setInterval(() => this.#flush(telling), FLUSH_MS).unref(),
      setInterval(() => this.#regroup(), REGROUP_MS).unref(),
    ];
    return true;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#endWatch();
    this.#group = new Set();
    this.#pending = [];
  }

  #regroup(): void {
    if (this.#actor === null) return;
    const group = this.#actor === ALL ? new Set([ALL]) : this.#parts.groupOf(this.#actor);
    if (this.#watch !== null && group.symmetricDifference(this.#group).size === 0) return;
    this.#endWatch();
    this.#group = group;
    const base = this.#numbered;
    const wanted = (id: string) => group.has(ALL) || group.has(id);
    this.#watch = this.#parts.hub.watch(wanted, (seen, stood) => {
      this.#numbered = base + seen.n;
      this.#pending.push({ seen: { ...seen, n: this.#numbered }, stood });
    });
    this.#telling?.grouped(wanted);
  }

  #endWatch(): void {
    this.#dropped += this.#watch?.dropped ?? 0;
    this.#watch?.close();
    this.#watch = null;
  }

  #flush(telling: Telling): void {
    const isBehind = this.#parts.unsentBytes() > UNSENT_BYTES_MAX;
    if (isBehind) {
      this.#dropped += this.#pending.length;
      this.#pending = [];
    }
    const dropped = this.#dropped + (this.#watch?.dropped ?? 0);
    const lostSome = dropped !== this.#toldDropped;
    const hasMore = telling.hasMore && !isBehind;
    if (this.#pending.length === 0 && !lostSome && !hasMore) return;
    const lost = lostSome && this.#actor !== ALL ? this.#actor : null;
    this.#say(telling.told(this.#pending, dropped, lost));
    this.#pending = [];
    this.#toldDropped = dropped;
  }

  #say(frames: readonly OpsServerFrame[]): void {
    for (const frame of frames) this.#parts.tell(frame);
  }
}
