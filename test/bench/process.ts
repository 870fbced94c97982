/** Programs under measurement: started, watched through /proc, and ended by pid whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const START_MS = 20_000;
/** Greenroom ends a hundred programs in order within this; after it, everything is killed. */
const STOP_MS = 15_000;
/** `/proc/PID/stat` has CPU time in hundredths of a second, `schedstat` in nanoseconds. */
const MS_PER_TICK = 10;
const NS_PER_MS = 1e6;

/** Node's flag for programs whose event loop is to be watched. */
export const LOOP_DELAY = `--import=${new URL('./loop-delay.ts', import.meta.url).href}`;

/** By how much an event loop was late, and how long the garbage collector stopped it, ms; the heap at the end, MB. */
export interface LoopSeen {
  readonly p99: number;
  readonly max: number;
  readonly pauseMax: number;
  readonly pauses: number;
  readonly heapMb: number;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Program {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #hasLoopWatch: boolean;
  #loopWatches = 0;
  #said = '';

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.on('error', () => {});
    this.#hasLoopWatch = [...args, ...(env.NODE_OPTIONS ?? '').split(' ')].includes(LOOP_DELAY);
    if (this.#child.pid === undefined) throw new Error(`cannot start ${command}`);
    this.pid = this.#child.pid;
    running.add(this.#child);
    const hear = (text: Buffer) => {
      this.#said = (this.#said + String(text)).slice(-4_000);
    };
    this.#child.stdout?.on('data', hear);
    this.#child.stderr?.on('data', hear);
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', () => {
        running.delete(this.#child);
        resolve();
      });
    });
  }

  /** Resolves to what the first group of `sign` matched in its output. */
  async says(sign: RegExp): Promise<string> {
    for (const start = Date.now(); Date.now() - start < START_MS; await sleep(10)) {
      const match = sign.exec(this.#said);
      if (match) return match[1] ?? '';
      if (this.#child.exitCode !== null) break;
    }
    throw new Error(`a server did not start: ${this.#said}`);
  }

  /** Time that its threads have run so far, without its children; of threads that live, to the microsecond. */
  get cpuMs(): number {
    return runMs(this.pid);
  }

  get rssKb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
  }

  /** Programs that were started with `loop-delay.ts`: begins to watch the event loop; the others say nothing. */
  watchLoop(): void {
    if (this.#hasLoopWatch) this.#child.kill('SIGUSR2');
  }

  /** What was seen since `watchLoop`. */
  async loopSeen(): Promise<LoopSeen | null> {
    if (!this.#hasLoopWatch) return null;
    this.#loopWatches += 1;
    this.#child.kill('SIGUSR2');
    const said = await this.says(new RegExp(`loop ${this.#loopWatches}: ([^;]*);`));
    const [p99 = 0, max = 0, pauseMax = 0, pauses = 0, heapMb = 0] = said.split(' ').map(Number);
    return { p99, max, pauseMax, pauses, heapMb };
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#gone;
    clearTimeout(kill);
  }
}

/** User and system time of a process and of all that it started, those that have ended included. */
export function treeCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  let sum = timesOf(pid).reduce((all, ms) => all + ms, 0);
  for (const child of children.split(' ').filter(Boolean)) {
    try {
      sum += timesOf(Number(child)).reduce((all, ms) => all + ms, 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

/** Time that all processors of this machine were not idle. */
export function machineCpuMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}

/** A thread's time is brought up to date when it stops running: one that runs right now is behind by a tick at most. */
export function runMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ran = (task: string) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ', 1)[0]);
  return tasks.reduce((sum, task) => sum + ran(task), 0) / NS_PER_MS;
}

/** User and system time, and those of its children that have ended, ms. */
function timesOf(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) * MS_PER_TICK);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
