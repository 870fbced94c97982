/** What one operator follows: the events of an actor and of those around it, in batches. */
import type { InspectorHub, Watch } from '../../machines/inspection/hub.ts';
import { shownSnapshot, stateName } from '../../machines/inspection/shown.ts';
import type { ActorEvent, OpsServerFrame, Snapshot } from './protocol.ts';

const FLUSH_MS = 100;
/** Who watches may have come to watch somebody else. */
const REGROUP_MS = 500;
/** With more than this unsent, events are left out: the list comes first. */
const UNSENT_BYTES_MAX = 256 * 1024;

export const ALL = '*';

export interface FollowingParts {
  readonly hub: InspectorHub;
  /** Those that are seen with an actor: itself, and who it deals with. */
  readonly groupOf: (id: string) => ReadonlySet<string>;
  readonly tell: (frame: OpsServerFrame) => void;
  readonly unsentBytes: () => number;
}

export class Following {
  readonly #parts: FollowingParts;
  #actor: string | null = null;
  #group: ReadonlySet<string> = new Set();
  #watch: Watch | null = null;
  #timers: NodeJS.Timeout[] = [];
  #pending: ActorEvent[] = [];
  /** Of watches before this one. */
  #numbered = 0;
  #dropped = 0;
  #toldDropped = 0;

  constructor(parts: FollowingParts) {
    this.#parts = parts;
  }

  /** @param actor An id, `*` for all, null for none. */
  follow(actor: string | null): void {
    this.close();
    const found = actor === null || actor === ALL ? null : this.#find(actor);
    this.#actor = actor === ALL || found !== null ? actor : null;
    this.#parts.tell({ type: 'followed', actor: this.#actor, snapshot: found });
    if (this.#actor === null) return;
    this.#regroup();
    this.#timers = [
      setInterval(() => this.#flush(), FLUSH_MS).unref(),
      setInterval(() => this.#regroup(), REGROUP_MS).unref(),
    ];
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
    this.#watch = this.#parts.hub.watch(
      (id) => group.has(ALL) || group.has(id),
      (seen) => {
        this.#numbered = base + seen.n;
        this.#pending.push({ ...seen, n: this.#numbered });
      },
    );
  }

  #endWatch(): void {
    this.#dropped += this.#watch?.dropped ?? 0;
    this.#watch?.close();
    this.#watch = null;
  }

  #flush(): void {
    if (this.#parts.unsentBytes() > UNSENT_BYTES_MAX) {
      this.#dropped += this.#pending.length;
      this.#pending = [];
    }
    const dropped = this.#dropped + (this.#watch?.dropped ?? 0);
    if (this.#pending.length === 0 && dropped === this.#toldDropped) return;
    this.#parts.tell({ type: 'events', events: this.#pending, dropped });
    this.#pending = [];
    if (dropped !== this.#toldDropped) this.#tellWhereItStands();
    this.#toldDropped = dropped;
  }

  /** What was left out may have been the way to the state it is in. */
  #tellWhereItStands(): void {
    const actor = this.#actor;
    if (actor === null || actor === ALL) return;
    this.#parts.tell({ type: 'followed', actor, snapshot: this.#find(actor) });
  }

  #find(id: string): Snapshot | null {
    const living = this.#parts.hub.find(id);
    if (living === null) return null;
    const { status, value, context } = shownSnapshot(living.actor.getSnapshot());
    return { status, state: stateName(value), context };
  }
}
