/** Which shell on this machine can be a keeper: each is tried before it is relied on. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { executable } from './agent.ts';
import type { Keeper } from './keeper.ts';
import type { ClaudeSettings } from './launch.ts';

const run = promisify(execFile);

/** A shell answers in milliseconds. */
const PROBE_MS = 10_000;

/**
 * bash is where Claude's Bash tool works. The `sh` of small images is busybox's, which does as well; dash, whose
 * `read` knows no time limit, does not.
 */
const SHELLS = [['bash', '--norc'], ['sh']] as const;

/** The shell and what else a keeper needs on this machine; null: there is no shell that would do. */
export async function findKeeper(
  settings: Pick<ClaudeSettings, 'inherited'>,
): Promise<Pick<Keeper, 'program' | 'setsid'> | null> {
  const setsid = await executable('setsid', settings);
  for (const [name, ...options] of SHELLS) {
    const path = await executable(name, settings);
    if (path !== null && (await readsInTime(path))) return { program: [path, ...options], setsid };
  }
  return null;
}

/** Whether a line is read, and one that does not come is not waited for without end. */
async function readsInTime(path: string): Promise<boolean> {
  const script = 'echo beat | { read -r -t 0.5 beat && [ "$beat" = beat ]; }';
  return run(path, ['-c', script], { env: {}, timeout: PROBE_MS }).then(
    () => true,
    () => false,
  );
}
