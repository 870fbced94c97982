/** Sliding windows over the times of the prompts a user sent; exact, because every read and write is one thread's. */
import type { LimitRule, LimitUse, Taken } from '../store.ts';
import type { Sql } from './sql.ts';

export class LimitTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  take(user: string, rules: readonly LimitRule[], now: number): Taken {
    for (const { limit, max, windowMs } of rules) {
      const used = this.#count(user, now - windowMs);
      if (used < max) continue;
      // The one whose leaving makes room; none ever does where the limit is 0.
      const leaving =
        max === 0
          ? undefined
          : this.#sql.get(
              'SELECT at FROM takings WHERE user = ? AND at > ? ORDER BY at LIMIT 1 OFFSET ?',
              user,
              now - windowMs,
              used - max,
            );
      const resetAt = leaving ? Number(leaving.at) + windowMs : null;
      return {
        ok: false,
        limit,
        max,
        resetAt,
        retryAfterMs: resetAt === null ? null : resetAt - now,
      };
    }
    const longestMs = Math.max(0, ...rules.map(({ windowMs }) => windowMs));
    return this.#sql.transaction(() => {
      this.#sql.run('DELETE FROM takings WHERE user = ? AND at <= ?', user, now - longestMs);
      const { lastInsertRowid } = this.#sql.run(
        'INSERT INTO takings (user, at) VALUES (?, ?)',
        user,
        now,
      );
      return { ok: true, ticket: String(lastInsertRowid) };
    });
  }

  giveBack(user: string, ticket: string): void {
    this.#sql.run('DELETE FROM takings WHERE user = ? AND ticket = ?', user, Number(ticket));
  }

  uses(user: string, rules: readonly LimitRule[], now: number): LimitUse[] {
    return rules.map(({ limit, max, windowMs }) => {
      const oldest = this.#sql.get(
        'SELECT min(at) AS at FROM takings WHERE user = ? AND at > ?',
        user,
        now - windowMs,
      );
      const resetAt = typeof oldest?.at === 'number' ? oldest.at + windowMs : null;
      return { limit, max, used: this.#count(user, now - windowMs), resetAt };
    });
  }

  #count(user: string, after: number): number {
    return Number(
      this.#sql.get('SELECT count(*) AS n FROM takings WHERE user = ? AND at > ?', user, after)?.n,
    );
  }
}
