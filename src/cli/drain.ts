/** How this server drains: what each phase of the drain machine does to the parts. */
import type { Server } from 'node:http';
import { createActor, toPromise } from 'xstate';
import type { Config } from '../config.ts';
import { drainMachine } from '../machines/drain.machine.ts';
import type { Parking } from '../machines/parking.ts';
import type { Supervisor } from '../machines/supervisor.ts';
import type { Housekeeper } from '../store/housekeeper.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Readiness } from '../transport/readiness.ts';
import type { Door } from '../transport/websocket.ts';
import { within } from '../within.ts';

/** More than two intervals of a health check every second, and its timeout. */
const LEAD_MS = 3_000;
/** Long enough for the stop recipe of every process at once; see claude/stop.ts. */
const STOP_MS = 10_000;
/** Requests that are being answered get this long. */
const HTTP_MS = 1_000;

export interface DrainParts {
  readonly config: Pick<Config, 'drainLeadMs' | 'drainTurnMs'>;
  readonly readiness: Readiness;
  readonly door: Door;
  readonly supervisor: Supervisor;
  readonly parking: Parking;
  readonly housekeeper: Housekeeper;
  readonly store: Store;
  readonly server: Server;
  readonly control: Server;
  readonly log: Log;
  /** Where others share the store: what comes is theirs from now on. */
  readonly takeNothing: () => Promise<void>;
}

/** Resolves when all is closed, to how many conversations had to be cut off. */
export function drain(parts: DrainParts): Promise<number> {
  const { config, readiness, door, supervisor, parking, server, log } = parts;
  // Without anybody who looks at /readyz a lead would only make a person at a terminal wait.
  const leadMs = config.drainLeadMs ?? (readiness.isAsked ? LEAD_MS : 0);
  const drain = createActor(drainMachine, {
    input: {
      leadMs,
      turnMs: config.drainTurnMs,
      ports: {
        announce: (times) => {
          log.info({ ...times, ...supervisor.state, sockets: door.size }, 'draining');
          readiness.drain(times);
          door.tellDraining();
        },
        refuse: () => {
          door.refuse();
          server.closeIdleConnections();
        },
        finishTurns: async () => {
          parking.stop();
          await Promise.all([supervisor.drain(), parts.takeNothing()]);
        },
        stop: () => stop(parts),
      },
    },
  });
  drain.start();
  drain.send({ type: 'server.stop' });
  return toPromise(drain);
}

async function stop(parts: DrainParts) {
  const { door, supervisor, housekeeper, store, server, control, log } = parts;
  const cutOff = await supervisor.stop(STOP_MS);
  await door.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await within(closed, HTTP_MS);
  server.closeAllConnections();
  await housekeeper.stop();
  await store.close();
  control.close();
  control.closeAllConnections(); // commands that listen
  log.info({ cutOff }, 'stopped');
  return cutOff;
}
