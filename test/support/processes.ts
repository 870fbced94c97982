/** What runs on this machine under a data directory, as /proc tells it. */
import { readdir, readFile } from 'node:fs/promises';

export interface Running {
  readonly pid: number;
  readonly parent: number;
  /** Of its program, as the kernel has it. */
  readonly name: string;
}

/** Processes whose environment says that their home is `home` or below it, whoever started them. */
export async function runningUnder(home: string): Promise<Running[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environ, stat] = await Promise.all([
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
      ]);
      const isThere = environ.split('\0').some((entry) => entry.startsWith(`HOME=${home}`));
      const [, name, parent] = /\((.*)\) [^Z] (\d+) /.exec(stat) ?? [];
      if (!isThere || name === undefined) return [];
      return [{ pid: Number(pid), parent: Number(parent), name }];
    }),
  );
  return found.flat();
}

/** A process’s resident memory in MB and its open descriptors. */
export async function footprint(pid: number): Promise<{ rssMb: number; fds: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const fds = (await readdir(`/proc/${pid}/fd`)).length;
  return { rssMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024), fds };
}
