/**
 * Ending a Claude process, bounded at each step, and finding what it left behind: each of its Bash tools is
 * a session of its own, so neither a signal to the process nor to its group reaches them all.
 */
import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { within } from '../within.ts';
import { MARKER } from './launch.ts';

/** After the end of its input an idle process went within 40 ms. */
const END_OF_INPUT_MS = 2_000;
/** SIGTERM needed up to 1.6 s with a Bash tool running. */
const TERMINATE_MS = 5_000;
const SWEEPS_MAX = 5;

/** End of input, then SIGTERM, then SIGKILL: at most about 7 s. Resolves when the process has gone. */
export async function stopProcess(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  if (await within(exited, END_OF_INPUT_MS)) return;
  child.kill('SIGTERM');
  if (await within(exited, TERMINATE_MS)) return;
  child.kill('SIGKILL');
  await exited;
}

/**
 * Kills every process of this user that carries `marker` in its environment. Linux only: elsewhere, and
 * for processes that cleared their environment, nothing is found.
 * @returns How many were killed.
 */
export async function sweep(marker: string): Promise<number> {
  let total = 0;
  // Again after each find: one of them may have started another meanwhile.
  for (let pass = 0; pass < SWEEPS_MAX; pass++) {
    const killed = await sweepOnce(marker);
    if (killed === 0) break;
    total += killed;
  }
  return total;
}

async function sweepOnce(marker: string): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const killed = await Promise.all(
    pids.map((pid) => killIfMarked(Number(pid), `${MARKER}=${marker}`)),
  );
  return killed.filter(Boolean).length;
}

async function killIfMarked(pid: number, entry: string): Promise<boolean> {
  try {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (!environ.split('\0').includes(entry)) return false;
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // gone meanwhile, or another user's
  }
}
