/** What the browser keeps for this page, each user's apart. */

/** The part of `Storage` used here; tests bring a Map. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/**
 * What is kept for one user. A browser may refuse storage, or have no room: then things live as long as the page,
 * so nothing here throws, and `isKeeping` says it. Names of users hold no `:`, so no one's names begin with another's.
 */
export class Kept {
  readonly #keep: Keep | null;
  readonly #prefix: string;
  /** What the browser did not take. */
  readonly #unkept = new Map<string, string>();

  constructor(keep: Keep | null, user: string) {
    this.#keep = keep;
    this.#prefix = `greenroom:${user}:`;
  }

  get(name: string): string | null {
    const unkept = this.#unkept.get(name);
    return unkept ?? attempt(() => this.#keep?.getItem(this.#prefix + name)) ?? null;
  }

  /** False while something would be lost with the page. */
  get isKeeping(): boolean {
    return this.#unkept.size === 0;
  }

  /** The name that a key of the browser's stands for; null: it is another user's, or nothing of this page. */
  nameIn(key: string | null): string | null {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null;
  }

  /** @param value Null: it is forgotten. */
  set(name: string, value: string | null): void {
    this.#unkept.delete(name);
    const isKept = attempt(() => {
      if (value === null) this.#keep?.removeItem(this.#prefix + name);
      else this.#keep?.setItem(this.#prefix + name, value);
      return this.#keep !== null;
    });
    // An older one stays in the browser: after a reload it is better than nothing.
    if (!isKept && value !== null) this.#unkept.set(name, value);
  }

  /** All that begin so. */
  names(beginning: string): string[] {
    const wanted = this.#prefix + beginning;
    const keys = attempt(() =>
      Array.from({ length: this.#keep?.length ?? 0 }, (_, i) => this.#keep?.key(i) ?? ''),
    );
    const kept = (keys ?? [])
      .filter((key) => key.startsWith(wanted))
      .map((key) => key.slice(this.#prefix.length));
    const unkept = [...this.#unkept.keys()].filter((name) => name.startsWith(beginning));
    return [...new Set([...kept, ...unkept])];
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** For all tabs. Null where the browser refuses. */
export function ownStorage(): Storage | null {
  return attempt(() => localStorage) ?? null;
}

/** Whether it takes what it is given: a browser may let it be seen, and have no room. */
export function isWritable(keep: Pick<Keep, 'setItem' | 'removeItem'> | null): boolean {
  const wrote = attempt(() => {
    keep?.setItem('greenroom:try', '1');
    keep?.removeItem('greenroom:try');
    return keep !== null;
  });
  return wrote ?? false;
}

/** For this tab. */
export function tabStorage(): Storage | null {
  return attempt(() => sessionStorage) ?? null;
}
