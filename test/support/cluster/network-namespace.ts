/**
 * A server's place behind two lines of its own, one to the database and one to everybody else. A line that is down
 * loses everything and tells nobody. Needs root, and Linux.
 */
import { execFileSync, spawnSync } from 'node:child_process';

/** Null where namespaces can be made, else why the test is skipped. */
export function namespacesAreMissing(): string | null {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const name = `greenroom-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'ip netns is not possible here';
  execFileSync('ip', ['netns', 'del', name]);
  return null;
}

type Line = 'database' | 'clients';
const SUBNETS: Readonly<Record<Line, number>> = { database: 0, clients: 4 };

export class NetworkNamespace {
  readonly #name = `greenroom-${process.pid}`;
  /** Of the private range, by the process, so that two tests are not in each other's way. */
  readonly #net = `10.77.${process.pid % 250}`;

  constructor() {
    execFileSync('ip', ['netns', 'add', this.#name]);
    for (const line of ['database', 'clients'] as const) this.#join(line);
    this.#within('ip', 'link', 'set', 'lo', 'up');
  }

  /** A command and its arguments that a program is to be started by. */
  get inside(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  /** Where the database is, for who is inside. */
  get databaseHost(): string {
    return this.#outer('database');
  }

  /** Where who is inside is, for clients. */
  get host(): string {
    return `${this.#net}.${SUBNETS.clients + 2}`;
  }

  set(line: Line, state: 'up' | 'down'): void {
    execFileSync('ip', ['link', 'set', this.#device(line), state]);
  }

  close(): void {
    for (const line of ['database', 'clients'] as const)
      spawnSync('ip', ['link', 'del', this.#device(line)]);
    spawnSync('ip', ['netns', 'del', this.#name]);
  }

  #join(line: Line): void {
    const [outer, inner] = [this.#device(line), `${this.#device(line)}i`];
    const innerAddress = `${this.#net}.${SUBNETS[line] + 2}/30`;
    execFileSync('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', inner]);
    execFileSync('ip', ['link', 'set', inner, 'netns', this.#name]);
    execFileSync('ip', ['addr', 'add', `${this.#outer(line)}/30`, 'dev', outer]);
    this.#within('ip', 'addr', 'add', innerAddress, 'dev', inner);
    this.#within('ip', 'link', 'set', inner, 'up');
    this.set(line, 'up');
  }

  #within(...command: string[]): void {
    const [program = '', ...args] = [...this.inside, ...command];
    execFileSync(program, args);
  }

  #outer(line: Line): string {
    return `${this.#net}.${SUBNETS[line] + 1}`;
  }

  /** At most 15 letters, the kernel's own bound. */
  #device(line: Line): string {
    return `gr${line[0]}${process.pid}`;
  }
}
