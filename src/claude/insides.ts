/**
 * The processes inside a sandbox, as seen from outside. bwrap stands between: its own death kills them all at
 * once, so a signal that asks goes to the program it started. Linux only, as the sandbox is.
 */
import type { Readable } from 'node:stream';
import { readProc } from './proc-file.ts';

/** bwrap tells less than 200 bytes. */
const INFO_CHARS_MAX = 4_096;
/** The program is the second process of its namespace: the first is bwrap's, which collects the dead. */
const PROGRAM_NSPID = '2';
/** A stray that is killed leaves its own children to the first process, which makes strays of them. */
const PASSES_MAX = 10;

export class Insides {
  #info = '';

  /** @param info What bwrap writes to its `--info-fd`. */
  constructor(info: Readable) {
    info.setEncoding('utf8').on('data', (text: string) => {
      if (this.#info.length < INFO_CHARS_MAX) this.#info += text;
    });
    info.on('error', () => {}); // it then has told nothing
  }

  /** @returns Whether the program was there to be signalled. */
  async signal(signal: NodeJS.Signals): Promise<boolean> {
    const { program } = await this.#topLevel();
    return program !== null && kill(program, signal);
  }

  /**
   * Kills what the program started and does not own any more: processes whose parents have gone, such as a
   * background process in a session of its own. @returns How many.
   */
  async killStrays(): Promise<number> {
    const killed = new Set<number>();
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const { strays } = await this.#topLevel();
      const fresh = strays.filter((pid) => !killed.has(pid) && kill(pid, 'SIGKILL'));
      if (fresh.length === 0) break;
      for (const pid of fresh) killed.add(pid);
    }
    return killed.size;
  }

  async #topLevel(): Promise<{ program: number | null; strays: number[] }> {
    const [, first] = /"child-pid":\s*(\d+)/.exec(this.#info) ?? [];
    if (first === undefined) return { program: null, strays: [] };
    const children = await readProc(`/proc/${first}/task/${first}/children`);
    const pids = children.split(' ').filter((pid) => pid !== '');
    const inside = await Promise.all(pids.map(async (pid) => ({ pid, nspid: await nspid(pid) })));
    const program = inside.find((entry) => entry.nspid === PROGRAM_NSPID);
    return {
      program: program === undefined ? null : Number(program.pid),
      strays: inside.filter((entry) => entry !== program).map(({ pid }) => Number(pid)),
    };
  }
}

/** A process's pid in its own namespace; '' once it has gone. */
async function nspid(pid: string): Promise<string> {
  const status = await readProc(`/proc/${pid}/status`);
  return /^NSpid:.*\s(\d+)$/m.exec(status)?.[1] ?? '';
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // gone meanwhile
  }
}
