/**
 * What a Claude process may see and use: a mount namespace built by bubblewrap, and limits set by prlimit. The
 * environment is passed on as it is, never by argument: arguments are there for everybody to read.
 */
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import type { Launch } from './launch.ts';

export interface Confinement {
  readonly sandbox: 'bwrap' | 'none';
  /** The program, where it is used. */
  readonly bwrap: string | null;
  /** `prlimit` with its arguments; empty where it cannot be used. */
  readonly limits: readonly string[];
  /** Paths the operator adds, read-only. */
  readonly binds: readonly string[];
}

export const UNCONFINED: Confinement = { sandbox: 'none', bwrap: null, limits: [], binds: [] };

/** A real path, shown where it is; `at` another path: a link to it there. */
export interface Bind {
  readonly from: string;
  readonly at: string;
}

export interface View {
  /** Hidden, but for what the others name inside it. */
  readonly dataDir: string;
  readonly writable: readonly string[];
  readonly readable: readonly Bind[];
}

interface Mount {
  readonly at: string;
  readonly flags: readonly string[];
}

/** Directories of a system whose `/usr` is merged are links into it, and stay links. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Of `/etc` what programs need to run and to reach the network; it also holds secrets. */
const ETC = [
  ...['alternatives', 'ca-certificates', 'claude-code', 'gitconfig', 'group', 'hosts'],
  ...['host.conf', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'mime.types'],
  ...['nsswitch.conf', 'passwd', 'pki', 'protocols', 'resolv.conf', 'services', 'ssl', 'terminfo'],
].map((name) => `/etc/${name}`);

/** The same launch with the limits, inside the sandbox where there is one. */
export function confine(launch: Launch, confinement: Confinement, view: () => View): Launch {
  const { bwrap, limits } = confinement;
  const plain = [launch.command, ...launch.args];
  if (bwrap === null) return { ...launch, ...commandOf([...limits, ...plain]) };
  const cwd = realpathSync(launch.cwd);
  const box = [bwrap, ...boxArguments(confinement, view(), cwd), '--'];
  const env = { ...launch.env, TMPDIR: '/tmp' };
  return { ...launch, ...commandOf([...limits, ...box, ...plain]), cwd, env, boxed: true };
}

function commandOf([command = '', ...args]: readonly string[]): Pick<Launch, 'command' | 'args'> {
  return { command, args };
}

/** bwrap's arguments up to the program. It tells on fd 3 which process it started. */
export function boxArguments(confinement: Confinement, view: View, cwd: string): string[] {
  const { dataDir } = view;
  const mounts = [
    ...SYSTEM.flatMap(systemMount),
    ...ETC.map((at) => ({ at, flags: ['--ro-bind-try', at, at] })),
    { at: '/proc', flags: ['--proc', '/proc'] },
    { at: '/dev', flags: ['--dev', '/dev'] },
    { at: '/tmp', flags: ['--tmpfs', '/tmp'] },
    ...readableMounts([...view.readable, ...confinement.binds.map(inPlace)], view.writable),
    { at: dataDir, flags: ['--tmpfs', dataDir] },
    ...view.writable.flatMap(writableMounts),
  ];
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    // As root all would be kept, and with them the right to take the mounts apart again.
    ...['--cap-drop', 'ALL'],
    ...['--die-with-parent', '--new-session'],
    ...['--info-fd', '3'],
    ...mounts.sort((a, b) => depth(a) - depth(b)).flatMap(({ flags }) => flags),
    ...['--remount-ro', dataDir, '--remount-ro', '/'],
    ...['--chdir', cwd],
  ];
}

/** A directory is mounted before what lies in it, or it would cover it. */
function depth({ at }: Mount): number {
  return at.split('/').length;
}

function inPlace(path: string): Bind {
  const real = realpathSync(path);
  return { from: real, at: real };
}

/** A directory that was named by a link is found under that name too. */
function writableMounts(path: string): Mount[] {
  const real = realpathSync(path);
  const mount = { at: real, flags: ['--bind', real, real] };
  return real === path ? [mount] : [mount, { at: path, flags: ['--symlink', real, path] }];
}

function readableMounts(binds: readonly Bind[], writable: readonly string[]): Mount[] {
  const shown = binds.filter(({ from, at }) => from === at && !isIn(SYSTEM, at));
  const there = [...SYSTEM, ...writable, ...shown.map(({ at }) => at)];
  const links = binds.filter(({ from, at }) => from !== at && !isIn(there, at));
  return [
    ...shown.map(({ at }) => ({ at, flags: ['--ro-bind', at, at] })),
    ...links.map(({ from, at }) => ({ at, flags: ['--symlink', from, at] })),
  ];
}

function isIn(dirs: readonly string[], path: string): boolean {
  return dirs.some((dir) => path === dir || path.startsWith(`${dir}/`));
}

function systemMount(at: string): Mount[] {
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isSymbolicLink()) return [{ at, flags: ['--symlink', readlinkSync(at), at] }];
  return [{ at, flags: ['--ro-bind', at, at] }];
}
