/** Finding what Claude started, by the marker in its environment: all processes of the machine are looked at. */
import { readdir } from 'node:fs/promises';
import { shared } from '../shared.ts';
import { MARKER } from './launch.ts';
import { readProc } from './proc-file.ts';

/** A read of an environment; few are larger. */
const READ_BYTES = 64 * 1024;

export interface MarkedProcess {
  readonly pid: number;
  /** Of the server whose Claude started it; null when the marker does not say. */
  readonly dataDir: string | null;
  readonly marker: string;
}

/**
 * Every process that carries a marker, and whose environment this user may read. None where there is no /proc. A
 * hundred processes that end at once are looked for together.
 */
export const markedProcesses: () => Promise<readonly MarkedProcess[]> = shared(async () => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const bytes = Buffer.allocUnsafeSlow(READ_BYTES);
  const found: MarkedProcess[] = [];
  for (const pid of pids) {
    const marker = await markerOf(pid, bytes);
    if (marker === null || Number(pid) === process.pid) continue;
    found.push({ pid: Number(pid), dataDir: /^(\/.*):/.exec(marker)?.[1] ?? null, marker });
  }
  return found;
});

/** Null for a process without one, one that has gone, and one that is another user's. */
async function markerOf(pid: string, bytes: Buffer): Promise<string | null> {
  const environ = await readProc(`/proc/${pid}/environ`, bytes);
  const entry = environ.split('\0').find((line) => line.startsWith(`${MARKER}=`));
  return entry?.slice(MARKER.length + 1) ?? null;
}
