/** How much of the memory that this server may use is in use, on Linux; elsewhere it seems empty. */
import { readFileSync } from 'node:fs';

const CGROUPS = '/sys/fs/cgroup';

/** The text of a file; null where there is none. */
type Read = (path: string) => string | null;

/** 0 to 1: of the machine, or of a control group (v2) this server is in, whichever is fuller. */
export function memoryUsed(read: Read = readOrNull): number {
  const groups = groupsIn(read('/proc/self/cgroup') ?? '');
  return Math.max(
    machineShare(read('/proc/meminfo') ?? ''),
    ...groups.map((dir) => groupShare((file) => read(`${dir}/${file}`) ?? '')),
  );
}

function machineShare(meminfo: string): number {
  const kilobytes = (name: string) => numberIn(meminfo, new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'));
  const [total, available] = [kilobytes('MemTotal'), kilobytes('MemAvailable')];
  return total === null || available === null ? 0 : 1 - available / total;
}

/** Pages of files that nobody used lately are given back at need. */
function groupShare(read: (file: string) => string): number {
  const max = numberIn(read('memory.max'), /^(\d+)/); // or the word max
  const current = numberIn(read('memory.current'), /^(\d+)/);
  if (max === null || max === 0 || current === null) return 0;
  return (current - (numberIn(read('memory.stat'), /^inactive_file (\d+)/m) ?? 0)) / max;
}

/** Its own group and those around it: each may have a limit. */
function groupsIn(selfCgroup: string): string[] {
  const path = /^0::(\/.*)$/m.exec(selfCgroup)?.[1];
  if (path === undefined) return [];
  const names = path.split('/').filter((name) => name !== '');
  return [CGROUPS, ...names.map((_, i) => [CGROUPS, ...names.slice(0, i + 1)].join('/'))];
}

function numberIn(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
