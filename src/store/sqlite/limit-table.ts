/** Sliding windows over the times of the prompts a user sent; exact, because every read and write is one thread's. */
import { lastToOpen, type Refused, refusedUntil } from '../refusals.ts';
import type { LimitRule, LimitUse, Taken } from '../store.ts';
import { faultOf } from './fault-of.ts';
import type { Sql } from './sql.ts';

export class LimitTable {
  readonly #sql: Sql;
  /** Tickets that were given back and are still in the table, and whose they are. */
  readonly #owed = new Map<number, string>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  take(user: string, rules: readonly LimitRule[], now: number): Taken {
    this.#payBack();
    const refused = lastToOpen(rules.flatMap((rule) => this.#refusal(user, rule, now) ?? []));
    if (refused) return refused;
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

  /** On a full disk it is deleted before the next take, which needs room itself. */
  giveBack(user: string, ticket: string): void {
    this.#owed.set(Number(ticket), user);
    try {
      this.#payBack();
    } catch (error) {
      if (faultOf(error) !== 'store.full') throw error;
    }
  }

  #payBack(): void {
    for (const [ticket, user] of this.#owed) {
      this.#sql.run('DELETE FROM takings WHERE user = ? AND ticket = ?', user, ticket);
      this.#owed.delete(ticket);
    }
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

  #refusal(user: string, rule: LimitRule, now: number): Refused | null {
    const { max, windowMs } = rule;
    const used = this.#count(user, now - windowMs);
    if (used < max) return null;
    if (max === 0) return refusedUntil(rule, null, now);
    // The one whose leaving makes room.
    const leaving = this.#sql.get(
      'SELECT at FROM takings WHERE user = ? AND at > ? ORDER BY at LIMIT 1 OFFSET ?',
      ...[user, now - windowMs, used - max],
    );
    return refusedUntil(rule, Number(leaving?.at) + windowMs, now);
  }

  #count(user: string, after: number): number {
    return Number(
      this.#sql.get('SELECT count(*) AS n FROM takings WHERE user = ? AND at > ?', user, after)?.n,
    );
  }
}
