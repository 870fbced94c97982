/** What the agents of all servers wrote down, and which of them live, looked at every 50 ms. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentNote, Life } from './account.ts';
import { moment } from './moment.ts';

const PROGRAM = fileURLToPath(new URL('./agent.pl', import.meta.url));
const LOOK_MS = 50;

export class Agents {
  /** For `CHAT_CLAUDE_BIN`. */
  readonly program: string;
  readonly #notes: AgentNote[] = [];
  readonly #lives: Life[] = [];
  readonly #living = new Map<number, { life: Life; startedAt: string }>();
  readonly #log: number;
  readonly #nodeOf: (path: string) => string;
  readonly #timer: NodeJS.Timeout;
  #rest = '';
  #isStopped = false;

  /** @param nodeOf The server that a path in its data directory belongs to. */
  constructor(dir: string, nodeOf: (path: string) => string) {
    this.program = join(dir, 'claude');
    copyFileSync(PROGRAM, this.program);
    chmodSync(this.program, 0o755);
    const log = join(dir, 'agents.log');
    writeFileSync(log, '');
    this.#log = openSync(log, 'r');
    this.#nodeOf = nodeOf;
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** All that they have written down by now. */
  get notes(): readonly AgentNote[] {
    this.look();
    return this.#notes;
  }

  get lives(): readonly Life[] {
    this.look();
    return this.#lives;
  }

  look(): void {
    if (this.#isStopped) return;
    this.#read();
    for (const [pid, { life, startedAt }] of this.#living) {
      if (startOf(pid) === startedAt) life.to = moment();
      else this.#living.delete(pid);
    }
  }

  /** Processes that live now. */
  living(): Life[] {
    this.look();
    return [...this.#living.values()].map(({ life }) => life);
  }

  /** Ends those that are left, too. */
  stop(): void {
    clearInterval(this.#timer);
    for (const { pid } of this.living()) process.kill(pid, 'SIGKILL');
    this.#isStopped = true;
    closeSync(this.#log);
  }

  #read(): void {
    const buffer = Buffer.alloc(65_536);
    for (let read = -1; read !== 0; ) {
      read = readSync(this.#log, buffer);
      this.#rest += buffer.toString('utf8', 0, read);
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#heed(line);
  }

  #heed(line: string): void {
    const [at, pid, session = '', what, detail = '', path = ''] = line.split(' ');
    const node = this.#nodeOf(path);
    const note = { at: Number(at), pid: Number(pid), session, detail, node };
    this.#notes.push({ ...note, what: what as AgentNote['what'] });
    if (what !== 'start') return;
    const life = { session, pid: note.pid, node, from: note.at, to: note.at };
    this.#lives.push(life);
    const startedAt = startOf(note.pid);
    if (startedAt !== null) this.#living.set(note.pid, { life, startedAt });
  }
}

/** When a process began, which with its pid names it; null: it has gone, or only waits to be collected. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
