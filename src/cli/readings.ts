/** How things stand, in the terms of the metrics. */
import type { Parking } from '../machines/parking.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import type { Readings } from '../telemetry/metrics.ts';
import type { Door } from '../transport/websocket.ts';

export interface ReadingParts {
  readonly door: Pick<Door, 'states' | 'unsentBytes'>;
  readonly supervisor: Pick<Supervisor, 'state' | 'states'>;
  readonly parking: Pick<Parking, 'size'>;
}

export function readings({ door, supervisor, parking }: ReadingParts): Readings {
  return {
    sessions: () => door.states,
    conversations: () => supervisor.states,
    processes: () => {
      const { alive, starting, waiting } = supervisor.state;
      return { alive, starting, waiting };
    },
    runs: () => {
      const { running, queued } = supervisor.state;
      return { running, queued, parked: parking.size };
    },
    unsentBytes: () => door.unsentBytes,
    unknownLines: () => supervisor.state.unknownLines,
  };
}
