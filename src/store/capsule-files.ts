/** Capsules on the disk: a ring of files, the newest kept. What is in them is nobody's business here. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Begins with the time, so that names sort by it. */
const NAME = /^[0-9TZ-]{20,30}_[a-z]+_[\w-]{1,40}_[\w.-]{1,40}\.json$/;

export class CapsuleFiles {
  readonly #dir: string;
  readonly #max: number;
  /** One after the other, so that none is counted twice. */
  #work: Promise<unknown> = Promise.resolve();

  /** @param max Files that are kept; 0: none. */
  constructor(dir: string, max: number) {
    this.#dir = dir;
    this.#max = max;
  }

  /** Whole or not at all; the oldest go. @returns Whether any are kept here. */
  keep(name: string, text: string): Promise<boolean> {
    const kept = this.#work.then(() => this.#keep(name, text));
    this.#work = kept.catch(() => {});
    return kept;
  }

  /** Newest first. */
  async names(): Promise<string[]> {
    const found = await readdir(this.#dir).catch(() => []);
    return found
      .filter((name) => NAME.test(name))
      .sort()
      .reverse();
  }

  /** Null: there is none of that name. */
  async read(name: string): Promise<string | null> {
    if (!NAME.test(name)) return null;
    return readFile(join(this.#dir, name), 'utf8').catch(() => null);
  }

  async #keep(name: string, text: string): Promise<boolean> {
    if (!NAME.test(name)) throw new RangeError(`not the name of a capsule: ${name}`);
    if (this.#max === 0) return false;
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const fresh = join(this.#dir, `.${name}`);
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, join(this.#dir, name));
    for (const old of (await this.names()).slice(this.#max))
      await rm(join(this.#dir, old), { force: true });
    return true;
  }
}
