/** What a process asks of the kernel, counted by strace while something happens in it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls by their name and what kind of descriptor they are for: `write socket`, `read pipe`, `futex`, … */
export type Calls = Readonly<Record<string, number>>;

/** What strace says of a descriptor, the first that fits. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/<TCP/, 'socket'],
  [/<UNIX|<pipe:/, 'pipe'],
  [/eventfd/, 'eventfd'],
  [/\.db(-\w+)?>|\.sqlite/, 'database'],
];

export const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** Of all threads of `pid`, from when strace holds them until `act` has resolved. */
export async function callsDuring(pid: number, act: () => Promise<void>): Promise<Calls> {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-calls-'));
  const log = join(directory, 'calls');
  const strace = spawn('strace', ['-f', '-yy', '-s', '0', '-o', log, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    await once(strace.stderr, 'data'); // attached
    await act();
    strace.kill('SIGINT');
    await once(strace, 'exit');
    return count(readFileSync(log, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function count(log: string): Calls {
  const calls: Record<string, number> = {};
  for (const line of log.split('\n')) {
    const [, name, argument = ''] = /^\d+ +(\w+)\(([^,)]*)/.exec(line) ?? [];
    if (name === undefined) continue;
    const kind = KINDS.find(([sign]) => sign.test(argument))?.[1];
    const call = kind ? `${name} ${kind}` : name;
    calls[call] = (calls[call] ?? 0) + 1;
  }
  return calls;
}
