/** The ledger: an entry for each run, and sums over entries. Exact, because every read and write is one thread's. */

import { budgeted, type TokenCounts } from '../../tokens.ts';
import type { Day, Days } from '../days.ts';
import {
  type Demand,
  HOUR_MS,
  type Overdrawn,
  type Spending,
  type Taken,
  type Uses,
} from '../limits.ts';
import { type Measured, refusalOf } from '../refusals.ts';
import { type ConversationKey, threadOf, userOf } from '../store.ts';
import { faultOf } from './fault-of.ts';
import type { Sql } from './sql.ts';

export class ChargeTable {
  readonly #sql: Sql;
  readonly #days: Days;
  /** Entries that were given back and are still in the table. */
  readonly #owed = new Map<string, { user: string; runId: string }>();

  constructor(sql: Sql, days: Days) {
    this.#sql = sql;
    this.#days = days;
  }

  take(demand: Demand, now: number): Taken {
    const { key, runId, reserve } = demand;
    const user = userOf(key);
    this.#owed.delete(`${user}/${runId}`);
    this.#payBack();
    if (this.#sql.get('SELECT 1 FROM charges WHERE user = ? AND run_id = ?', user, runId))
      return { ok: true };
    const refused = refusalOf(demand, this.#measured(demand.key, now), now);
    if (refused) return { ok: false, ...refused };
    this.#sql.run(
      'INSERT INTO charges (user, run_id, thread, at, prompts, reserved) VALUES (?, ?, ?, ?, 1, ?)',
      ...[user, runId, threadOf(key), now, reserve],
    );
    return { ok: true };
  }

  /** On a full disk it is deleted before the next take, which needs room itself. */
  giveBack(user: string, runId: string): void {
    this.#owed.set(`${user}/${runId}`, { user, runId });
    try {
      this.#payBack();
    } catch (error) {
      if (faultOf(error) !== 'store.full') throw error;
    }
  }

  /** A run that no take was asked for: it goes on from another, or Claude began it. */
  open(user: string, runId: string, thread: string, now: number): void {
    this.#sql.run(
      'INSERT OR IGNORE INTO charges (user, run_id, thread, at) VALUES (?, ?, ?, ?)',
      ...[user, runId, thread, now],
    );
  }

  spend(
    user: string,
    runId: string,
    counts: TokenCounts,
    tokensMax: number | null,
  ): Overdrawn | null {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = counts;
    const row = this.#sql.get(
      `UPDATE charges SET input = max(input, ?), output = max(output, ?), cache_read = max(cache_read, ?),
         cache_write = max(cache_write, ?) WHERE user = ? AND run_id = ? AND open = 1 RETURNING at`,
      ...[inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, user, runId],
    );
    if (row === undefined || tokensMax === null) return null;
    const day = this.#days.of(Number(row.at));
    const used = this.#tokens(user, day, 'used');
    if (used < tokensMax) return null;
    return { used, max: tokensMax, runTokens: budgeted(counts), resetAt: day.until };
  }

  /** @param spent Null: what was counted while it ran is all that is known. */
  close(user: string, runId: string, spent: Spending | null): void {
    if (spent === null)
      this.#sql.run('UPDATE charges SET open = 0 WHERE user = ? AND run_id = ?', user, runId);
    else
      this.#sql.run(
        `UPDATE charges SET open = 0, input = ?, output = ?, cache_read = ?, cache_write = ?, cost_usd = ?
           WHERE user = ? AND run_id = ?`,
        ...[spent.inputTokens, spent.outputTokens, spent.cacheReadTokens, spent.cacheWriteTokens],
        ...[spent.costUsd, user, runId],
      );
  }

  /** What is forgotten does not end any more. */
  closeThread(user: string, thread: string): void {
    this.#sql.run(
      'UPDATE charges SET open = 0 WHERE user = ? AND thread = ? AND open = 1',
      user,
      thread,
    );
  }

  /** After the server died: what was taken for a prompt that was never accepted is given back. */
  giveBackUnaccepted(): void {
    this.#sql.run(
      `DELETE FROM charges WHERE open = 1 AND NOT EXISTS (SELECT 1 FROM runs
         WHERE runs.user = charges.user AND runs.run_id = charges.run_id AND parked = 0)`,
    );
  }

  uses(user: string, now: number): Uses {
    const day = this.#days.of(now);
    const hour = this.#sql.get(
      'SELECT count(*) AS used, min(at) AS oldest FROM charges WHERE user = ? AND at > ? AND prompts = 1',
      ...[user, now - HOUR_MS],
    );
    const oldest = typeof hour?.oldest === 'number' ? hour.oldest : null;
    const resetAt = day.until;
    return {
      hour: { used: Number(hour?.used), resetAt: oldest === null ? null : oldest + HOUR_MS },
      day: { used: this.#promptsOf(user, day), resetAt },
      tokens: { used: this.#tokens(user, day, 'held'), resetAt },
      runs: { used: this.#openThreads(user, ''), resetAt: null },
    };
  }

  #measured(key: ConversationKey, now: number): Measured {
    const user = userOf(key);
    const day = this.#days.of(now);
    return {
      used: {
        hour: () => this.#promptsSince(user, now - HOUR_MS),
        day: () => this.#promptsOf(user, day),
        tokens: () => this.#tokens(user, day, 'held'),
        runs: () => this.#openThreads(user, threadOf(key)),
      },
      leaving: (before) => this.#leaving(user, before, now),
      day,
    };
  }

  /** When the one leaves the hour whose leaving makes room. */
  #leaving(user: string, before: number, now: number): number {
    const row = this.#sql.get(
      'SELECT at FROM charges WHERE user = ? AND at > ? AND prompts = 1 ORDER BY at LIMIT 1 OFFSET ?',
      ...[user, now - HOUR_MS, before],
    );
    return Number(row?.at) + HOUR_MS;
  }

  #promptsSince(user: string, after: number): number {
    return this.#number(
      'SELECT count(*) AS n FROM charges WHERE user = ? AND at > ? AND prompts = 1',
      ...[user, after],
    );
  }

  #promptsOf(user: string, { from, until }: Day): number {
    return this.#number(
      'SELECT count(*) AS n FROM charges WHERE user = ? AND at >= ? AND at < ? AND prompts = 1',
      ...[user, from, until],
    );
  }

  #tokens(user: string, { from, until }: Day, of: 'used' | 'held'): number {
    return this.#number(
      `SELECT coalesce(sum(${of}), 0) AS n FROM charges WHERE user = ? AND at >= ? AND at < ?`,
      ...[user, from, until],
    );
  }

  /** A conversation runs one prompt at a time, however many wait in it. */
  #openThreads(user: string, but: string): number {
    return this.#number(
      'SELECT count(DISTINCT thread) AS n FROM charges WHERE user = ? AND open = 1 AND thread <> ?',
      ...[user, but],
    );
  }

  #number(sql: string, ...values: (string | number)[]): number {
    return Number(this.#sql.get(sql, ...values)?.n);
  }

  #payBack(): void {
    for (const [name, { user, runId }] of this.#owed) {
      this.#sql.run(
        `DELETE FROM charges WHERE user = ? AND run_id = ? AND open = 1 AND NOT EXISTS
           (SELECT 1 FROM runs WHERE user = ? AND run_id = ? AND parked = 0)`,
        ...[user, runId, user, runId],
      );
      this.#owed.delete(name);
    }
  }
}
