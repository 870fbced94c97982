/** What the browser keeps for this page, each user's apart. */

/** The part of `Storage` used here; tests bring a Map. */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/**
 * What is kept for one user. A browser may refuse storage, or have no room: then things live as long as the page,
 * so nothing here throws. Names of users hold no `:`, so no one's names begin with another's.
 */
export class Kept {
  readonly #keep: Keep | null;
  readonly #prefix: string;

  constructor(keep: Keep | null, user: string) {
    this.#keep = keep;
    this.#prefix = `greenroom:${user}:`;
  }

  get(name: string): string | null {
    return attempt(() => this.#keep?.getItem(this.#prefix + name)) ?? null;
  }

  /** @param value Null: it is forgotten. */
  set(name: string, value: string | null): void {
    attempt(() => {
      if (value === null) this.#keep?.removeItem(this.#prefix + name);
      else this.#keep?.setItem(this.#prefix + name, value);
    });
  }

  /** All that begin so. */
  names(beginning: string): string[] {
    const wanted = this.#prefix + beginning;
    const keys = attempt(() =>
      Array.from({ length: this.#keep?.length ?? 0 }, (_, i) => this.#keep?.key(i) ?? ''),
    );
    return (keys ?? [])
      .filter((key) => key.startsWith(wanted))
      .map((key) => key.slice(this.#prefix.length));
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

/** For this tab. */
export function tabStorage(): Storage | null {
  return attempt(() => sessionStorage) ?? null;
}
