interface Look {
  readonly total: number;
  /** Milliseconds. */
  readonly at: number;
  readonly rate: number;
}

/** Two who look at once must not halve each other's second. */
const AGAIN_MS = 100;

/** How fast totals grow, from one look to the next. */
export class Rates {
  readonly #now: () => number;
  #before: ReadonlyMap<string, Look> = new Map();

  /** @param now Milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Each of `totals` as so many a second; one that is looked at for the first time, or begins anew, as 0. */
  of(totals: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const now = this.#now();
    const looked = new Map<string, Look>();
    for (const [id, total] of totals) {
      const before = this.#before.get(id);
      const passed = before ? now - before.at : 0;
      if (before && passed < AGAIN_MS) looked.set(id, before);
      else {
        const grown = before ? Math.max(0, total - before.total) : 0;
        looked.set(id, { total, at: now, rate: Math.round((grown * 1_000) / (passed || 1)) });
      }
    }
    this.#before = looked;
    return new Map([...looked].map(([id, { rate }]) => [id, rate]));
  }
}
