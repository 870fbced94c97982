/** Sums of what was used, by day and user. */
import type { UsageOfDay } from './limits.ts';

/** As tables have it. */
export interface UsageRow {
  readonly [figure: string]: unknown;
}

export class UsageSums {
  readonly #sums = new Map<string, UsageOfDay>();

  add(day: string, row: UsageRow): void {
    const user = String(row.user);
    const name = `${day} ${user}`;
    const sum = this.#sums.get(name);
    this.#sums.set(name, {
      ...{ day, user },
      prompts: Number(row.prompts) + (sum?.prompts ?? 0),
      inputTokens: Number(row.input) + (sum?.inputTokens ?? 0),
      outputTokens: Number(row.output) + (sum?.outputTokens ?? 0),
      cacheReadTokens: Number(row.cache_read) + (sum?.cacheReadTokens ?? 0),
      cacheWriteTokens: Number(row.cache_write) + (sum?.cacheWriteTokens ?? 0),
      costUsd: Number(row.cost_usd) + (sum?.costUsd ?? 0),
    });
  }

  /** By day, then by user. */
  sorted(): UsageOfDay[] {
    return [...this.#sums.values()].sort(
      (a, b) => compare(a.day, b.day) || compare(a.user, b.user),
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
