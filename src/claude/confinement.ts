/** Which confinement there is on this machine: each part is tried before it is relied on. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { executable } from './agent.ts';
import { boxArguments, type Confinement, UNCONFINED } from './sandbox.ts';

const run = promisify(execFile);

/** The probe took 12 ms on a busy machine. */
const PROBE_MS = 10_000;

/** What no work of Claude's needs more of. Core files would hold what was said. */
const LIMITS = [
  { flag: 'core', name: 'Max core file size', max: 0 },
  { flag: 'nofile', name: 'Max open files', max: 16_384 },
  { flag: 'fsize', name: 'Max file size', max: 8 * 1024 ** 3 },
];

export interface ConfinementSettings {
  readonly dataDir: string;
  readonly sandbox: 'auto' | 'bwrap' | 'none';
  readonly sandboxBinds: readonly string[] | null;
  readonly inherited: Readonly<Record<string, string>>;
}

export interface FoundConfinement {
  readonly confinement: Confinement;
  /** Why there is no sandbox although one is asked for, else null. */
  readonly why: string | null;
}

/** @throws Naming `CHAT_SANDBOX`, when bwrap is asked for and does not work. */
export async function findConfinement(settings: ConfinementSettings): Promise<FoundConfinement> {
  const limits = await findLimits(settings);
  const plain = { ...UNCONFINED, limits };
  if (settings.sandbox === 'none') return { confinement: plain, why: null };
  const bwrap = await executable('bwrap', settings);
  const boxed: Confinement = {
    ...plain,
    sandbox: 'bwrap',
    bwrap,
    binds: settings.sandboxBinds ?? [],
  };
  const why = bwrap === null ? 'bwrap is not installed' : await fault(bwrap, boxed, settings);
  if (why === null) return { confinement: boxed, why };
  if (settings.sandbox === 'bwrap')
    throw new Error(`CHAT_SANDBOX: bwrap is asked for and does not work here: ${why}`);
  return { confinement: plain, why };
}

/** Null when a program runs in the sandbox, else the words it failed with. */
async function fault(
  bwrap: string,
  confinement: Confinement,
  { dataDir, inherited }: ConfinementSettings,
): Promise<string | null> {
  const view = { dataDir, writable: [], readable: [] };
  const args = boxArguments(confinement, view, '/').map((arg, i, all) =>
    // Nobody reads what it would tell there.
    all[i - 1] === '--info-fd' ? '2' : arg,
  );
  return run(bwrap, [...args, '--', 'true'], { env: inherited, timeout: PROBE_MS }).then(
    () => null,
    (error: { stderr?: string; message: string }) =>
      error.stderr?.trim().split('\n').at(-1) || error.message,
  );
}

/** A limit that already is lower stays; a hard one cannot be raised. */
async function findLimits(settings: ConfinementSettings): Promise<string[]> {
  const prlimit = await executable('prlimit', settings);
  if (prlimit === null) return [];
  const own = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const flags = LIMITS.map(({ flag, name, max }) => `--${flag}=${lower(own, name, max)}`);
  const works = await run(prlimit, [...flags, 'true'], {
    env: settings.inherited,
    timeout: PROBE_MS,
  }).then(
    () => true,
    () => false,
  );
  return works ? [prlimit, ...flags] : [];
}

function lower(own: string, name: string, max: number): number {
  const [, hard = ''] = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(own) ?? [];
  return hard === '' || hard === 'unlimited' ? max : Math.min(max, Number(hard));
}
