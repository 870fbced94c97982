/** What was used by whom on which day: of old entries of the ledger the sums are kept, of young ones themselves. */
import type { Days } from '../days.ts';
import type { UsageOfDay, UsageQuery } from '../limits.ts';
import { UsageSums } from '../usage-sums.ts';
import type { Sql } from './sql.ts';

const DAY_MS = 24 * 3_600_000;
/** Others wait for the database meanwhile. */
const FOLDED_AT_ONCE = 500;

const FIGURES = 'user, prompts, input, output, cache_read, cache_write, cost_usd';

export class UsageTable {
  readonly #sql: Sql;
  readonly #days: Days;
  readonly #now: () => number;

  constructor(sql: Sql, days: Days, now: () => number) {
    this.#sql = sql;
    this.#days = days;
    this.#now = now;
  }

  usage({ from, to, user }: UsageQuery): UsageOfDay[] {
    const sums = new UsageSums();
    const old = this.#sql.all(
      `SELECT day, ${FIGURES} FROM usage_days WHERE day >= ? AND day <= ? AND user = coalesce(?, user)`,
      ...[from, to, user],
    );
    for (const row of old) sums.add(String(row.day), row);
    const young = this.#sql.each(
      `SELECT at, ${FIGURES} FROM charges WHERE user = coalesce(?, user) ORDER BY at`,
      user,
    );
    for (const row of young) {
      const { date } = this.#days.of(Number(row.at));
      if (date >= from && date <= to) sums.add(date, row);
    }
    return sums.sorted();
  }

  /** Entries that no limit looks at any more become sums. True: there may be more. */
  foldOld(): boolean {
    const before = this.#days.of(this.#now()).from - DAY_MS;
    const rows = this.#sql.all(
      `SELECT run_id, at, ${FIGURES} FROM charges WHERE open = 0 AND at < ? ORDER BY at LIMIT ?`,
      ...[before, FOLDED_AT_ONCE],
    );
    if (rows.length === 0) return false;
    const sums = new UsageSums();
    for (const row of rows) sums.add(this.#days.of(Number(row.at)).date, row);
    this.#sql.transaction(() => {
      for (const sum of sums.sorted()) this.#keep(sum);
      for (const { user, run_id } of rows)
        this.#sql.run(
          'DELETE FROM charges WHERE user = ? AND run_id = ?',
          user ?? '',
          run_id ?? '',
        );
    });
    return rows.length === FOLDED_AT_ONCE;
  }

  #keep(sum: UsageOfDay): void {
    this.#sql.run(
      `INSERT INTO usage_days (day, ${FIGURES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET prompts = prompts + excluded.prompts, input = input + excluded.input,
         output = output + excluded.output, cache_read = cache_read + excluded.cache_read,
         cache_write = cache_write + excluded.cache_write, cost_usd = cost_usd + excluded.cost_usd`,
      ...[sum.day, sum.user, sum.prompts, sum.inputTokens, sum.outputTokens],
      ...[sum.cacheReadTokens, sum.cacheWriteTokens, sum.costUsd],
    );
  }
}
