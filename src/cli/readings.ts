/** How things stand, in the terms of the metrics. */
import { residentBytes } from '../claude/process-memory.ts';
import type { Parking } from '../machines/parking.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import type { Store } from '../store/store.ts';
import type { Readings } from '../telemetry/metrics.ts';
import type { Door } from '../transport/websocket.ts';

export interface ReadingParts {
  readonly door: Pick<Door, 'states' | 'unsentBytes'>;
  readonly supervisor: Pick<Supervisor, 'state' | 'states' | 'living' | 'pids'>;
  readonly parking: Pick<Parking, 'size'>;
  readonly store: Pick<Store, 'cluster'>;
}

export function readings({ door, supervisor, parking, store }: ReadingParts): Readings {
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
    mayRun: () => store.cluster?.isMember ?? true,
    unsentBytes: () => door.unsentBytes,
    journalLag: () => ({
      rows: supervisor.living.sum(({ journal }) => journal.lag.rows),
      bytes: supervisor.living.sum(({ journal }) => journal.lag.bytes),
    }),
    residentBytes: async () => {
      const bytes = await Promise.all(supervisor.pids.map(residentBytes));
      const all = bytes.reduce((total, one) => total + one, 0);
      return { all, largest: Math.max(0, ...bytes) };
    },
    unknownLines: () => supervisor.state.unknownLines,
  };
}
