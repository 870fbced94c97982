/** What is followed, as the operators' page shows it. */
import type { InspectorHub } from '../../machines/inspection/hub.ts';
import { shownSnapshot } from '../../machines/inspection/shown.ts';
import type { Sighting, Telling } from './following.ts';
import type { OpsServerFrame, Snapshot } from './protocol.ts';
import { snapshotView } from './snapshot.ts';

export class EventTelling implements Telling {
  readonly hasMore = false;
  readonly #hub: InspectorHub;

  constructor(hub: InspectorHub) {
    this.#hub = hub;
  }

  begun(actor: string | null): OpsServerFrame[] {
    return [this.#followed(actor)];
  }

  grouped(): void {}

  told(sightings: readonly Sighting[], dropped: number, lost: string | null): OpsServerFrame[] {
    const events = sightings.map(({ seen }) => seen);
    const standing = lost === null ? [] : [this.#followed(lost)];
    return [{ type: 'events', events, dropped }, ...standing];
  }

  #followed(actor: string | null): OpsServerFrame {
    return { type: 'followed', actor, snapshot: actor === null ? null : this.#snapshotOf(actor) };
  }

  /** Of all there is none. */
  #snapshotOf(id: string): Snapshot | null {
    const living = this.#hub.find(id);
    return living && snapshotView(shownSnapshot(living.actor.getSnapshot()));
  }
}
