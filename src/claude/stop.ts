/**
 * Ending a Claude process, bounded at each step, and what it left behind: each of its Bash tools is a session of its
 * own, so neither a signal to the process nor to its group reaches them all.
 */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../within.ts';
import { type MarkedProcess, markedProcesses } from './marked-processes.ts';

/** After the end of its input an idle process went within 40 ms. */
const END_OF_INPUT_MS = 2_000;
/** SIGTERM needed up to 1.6 s with a Bash tool running. */
const TERMINATE_MS = 5_000;
const SWEEPS_MAX = 50;
/** What was killed takes a moment to go. */
const SWEEP_PAUSE_MS = 20;

/**
 * End of input, then SIGTERM, then SIGKILL: at most about 7 s. Resolves when the process has gone.
 * @param terminate Sends SIGTERM to the program itself.
 */
export async function stopProcess(
  child: ChildProcess,
  exited: Promise<unknown>,
  terminate: () => Promise<void>,
): Promise<void> {
  child.stdin?.end();
  if (await within(exited, END_OF_INPUT_MS)) return;
  await terminate();
  if (await within(exited, TERMINATE_MS)) return;
  child.kill('SIGKILL');
  await exited;
}

/**
 * Kills every process of this user that carries `marker` in its environment. Linux only: elsewhere, and
 * for processes that cleared their environment, nothing is found. Ends when none is left, or after a second.
 * @returns How many were killed.
 */
export function sweep(marker: string): Promise<number> {
  return killMarked((process) => process.marker === marker);
}

/** The same for all that any server on this data directory started: only for who holds it alone. */
export function sweepDataDir(dataDir: string): Promise<number> {
  return killMarked((process) => process.dataDir === dataDir);
}

async function killMarked(chosen: (process: MarkedProcess) => boolean): Promise<number> {
  const killed = new Set<number>();
  // Again after each find: one of them may have started another meanwhile.
  for (let pass = 0; pass < SWEEPS_MAX; pass++) {
    const found = (await markedProcesses()).filter(chosen);
    if (found.length === 0) break;
    for (const { pid } of found) if (kill(pid)) killed.add(pid);
    await sleep(SWEEP_PAUSE_MS);
  }
  return killed.size;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // gone meanwhile, or another user's
  }
}
