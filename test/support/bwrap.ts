/** Whether this machine can build the sandbox. */
import { spawnSync } from 'node:child_process';

/** Null when bubblewrap works here, else why the test is skipped. */
export function bwrapIsMissing(): string | null {
  const args = [
    '--unshare-user',
    '--unshare-pid',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    'true',
  ];
  const works = spawnSync('bwrap', args).status === 0;
  if (!works && process.env.CI === 'true')
    throw new Error('bwrap does not work, and CI must not skip');
  return works ? null : 'bwrap does not work here';
}
