/** One CLI process as lines in and lines out. It knows pipes and signals, and nothing of what is said. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex, Readable } from 'node:stream';
import { within } from '../within.ts';
import type { Heartbeats } from './heartbeats.ts';
import { Insides } from './insides.ts';
import { BEAT_FD } from './keeper.ts';
import type { Launch } from './launch.ts';
import { LineSplitter } from './lines.ts';
import { stopProcess, sweep } from './stop.ts';

/** A background command may keep stdout open after the CLI has gone; late lines have this long. */
const DRAIN_MS = 500;
const STDERR_TAIL = 2_000;

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it could not be started at all, else null. */
  startError: string | null;
  /** The end of what it wrote to stderr: for people, and never for logs. */
  stderrTail: string;
}

export const NEVER_STARTED: ChildExit = {
  code: null,
  signal: null,
  startError: null,
  stderrTail: '',
};

export class ClaudeChild {
  readonly pid: number | undefined;
  /** Resolves once the process has gone, its output is read and what it left behind is killed. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  /** What is inside the sandbox, where there is one. */
  readonly #insides: Insides | null;
  /** What its keeper hears, where it has one. */
  readonly #beats: Duplex | null;
  readonly #lines = new LineSplitter();
  #stderrTail = '';

  /** @param onLines Takes the lines of one read, in order; called with at least one. */
  constructor(launch: Launch, onLines: (lines: string[]) => void) {
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      stdio: [
        ...(['pipe', 'pipe', 'pipe'] as const),
        launch.boxed ? 'pipe' : 'ignore',
        launch.heartbeats ? 'pipe' : 'ignore',
      ],
    });
    this.#process = child;
    this.pid = child.pid;
    // Without a free descriptor Node makes none of the pipes, whatever its types say: a failed start, told by 'error'.
    const pipes: Partial<typeof child.stdio> = child.stdio ?? [];
    const info = pipes[3];
    this.#insides = info instanceof Readable ? new Insides(info) : null;
    const beats = pipes[BEAT_FD];
    this.#beats = beats instanceof Duplex ? beats : null;
    if (this.#beats !== null) this.#keep(this.#beats, launch.heartbeats);
    const deliver = (lines: string[]) => lines.length > 0 && onLines(lines);
    child.stdout?.on('data', (chunk: Buffer) => deliver(this.#lines.push(chunk)));
    child.stdout?.on('end', () => deliver(this.#lines.end()));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL);
    });
    // A process that has gone makes the next write fail; its exit says so, and says why.
    child.stdin?.on('error', () => {});
    this.exited = this.#awaitExit(launch.marker).finally(() => launch.onGone?.());
  }

  /** Lines that were too long to be read. */
  get droppedLines(): number {
    return this.#lines.dropped;
  }

  /** Writes one message as one line: JSON holds no raw newline, and the two other line ends are escaped. */
  write(message: object): void {
    if (this.#process.stdin?.writable) {
      const line = JSON.stringify(message).replace(/[\u2028\u2029]/g, escapeUnit);
      this.#process.stdin.write(`${line}\n`);
    }
  }

  /**
   * Reads nothing more: the pipe fills up, and the process waits in its next write. One that has gone is read to
   * its end all the same, which is no more than a pipe holds.
   */
  pause(): void {
    const { stdout, exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) stdout?.pause();
  }

  resume(): void {
    this.#process.stdout?.resume();
  }

  /** Ends the process within about 7 s; see `stopProcess`. */
  stop(): Promise<void> {
    return stopProcess(this.#process, this.exited, async () => {
      if (!(await this.#insides?.signal('SIGTERM'))) this.#process.kill('SIGTERM');
    });
  }

  /** Kills what it started and lost, where it is in a sandbox, else nothing; it goes on itself. */
  async killStrays(): Promise<number> {
    return (await this.#insides?.killStrays()) ?? 0;
  }

  /** Ends it at once, with no chance to say goodbye. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** A keeper that has gone keeps nothing: the process goes with it, as it would have without a heartbeat. */
  #keep(beats: Duplex, heartbeats: Heartbeats | undefined): void {
    beats.on('error', () => {}); // its close says so
    beats.once('close', () => this.kill());
    beats.resume();
    heartbeats?.add(beats);
  }

  async #awaitExit(marker: string): Promise<ChildExit> {
    // Not the process's own 'close', which waits for the keeper too.
    const { stdout, stderr } = this.#process;
    const closed = Promise.all([stdout, stderr].map((pipe) => pipe && once(pipe, 'close')));
    const end = await new Promise<Omit<ChildExit, 'stderrTail'>>((resolve) => {
      this.#process.once('error', (error: NodeJS.ErrnoException) => {
        if (this.pid !== undefined) return; // a failed signal, not a failed start
        resolve({ code: null, signal: null, startError: error.code ?? error.message });
      });
      this.#process.once('exit', (code, signal) => resolve({ code, signal, startError: null }));
    });
    if (end.startError === null) {
      // The pipes' ends, not 'exit': late lines arrive between the two.
      await within(closed, DRAIN_MS);
      this.#process.stdout?.destroy();
      await sweep(marker);
    }
    // Not before: the keeper stands by until what is left has been swept.
    this.#beats?.destroy();
    return { ...end, stderrTail: wholeWords(this.#stderrTail) };
  }
}

/** Half a secret at the start of a tail could not be told from other words. */
function wholeWords(tail: string): string {
  return tail.length < STDERR_TAIL ? tail : tail.slice(tail.search(/\s|$/));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16)}`;
}
