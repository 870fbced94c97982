/** The ledger, as servers share it. */
import { FaultError } from '../../faults.ts';
import { budgeted, type TokenCounts } from '../../tokens.ts';
import type { Day, Days } from '../days.ts';
import {
  type Demand,
  HOUR_MS,
  type Limits,
  type Overdrawn,
  type Taken,
  type UsageOfDay,
  type UsageQuery,
  type Uses,
} from '../limits.ts';
import { userOf } from '../store.ts';
import { giveBackCharge } from './charges.ts';
import type { Database } from './database.ts';
import type { NoticeBoard } from './notices.ts';
import { often } from './often.ts';
import { takeCharge } from './take-charge.ts';
import { usageIn } from './usage.ts';

export interface LimitsParts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly days: Days;
}

export class PostgresLimits implements Limits {
  readonly #db: Database;
  readonly #board: NoticeBoard;
  readonly #days: Days;

  constructor({ db, board, days }: LimitsParts) {
    this.#db = db;
    this.#board = board;
    this.#days = days;
  }

  async take(demand: Demand, now: number): Promise<Taken> {
    const taken = await takeCharge(this.#db, demand, this.#days.of(now), now);
    if (taken.ok) this.#board.tell('charged', userOf(demand.key), false);
    return taken;
  }

  /** What a full disk keeps from being given back is given back once it is old: see `forgetUnacceptedCharges`. */
  async giveBack(user: string, runId: string): Promise<void> {
    try {
      await giveBackCharge(this.#db, user, runId);
    } catch (error) {
      if (!(error instanceof FaultError && error.code === 'store.full')) throw error;
    }
    this.#board.tell('charged', user, true);
  }

  async spend(
    user: string,
    runId: string,
    counts: TokenCounts,
    tokensMax: number | null,
  ): Promise<Overdrawn | null> {
    const row = await this.#db.get<{ at: number }>(
      often(`UPDATE charges SET input = greatest(input, $3), output = greatest(output, $4),
         cache_read = greatest(cache_read, $5), cache_write = greatest(cache_write, $6)
         WHERE user_name = $1 AND run_id = $2 AND open RETURNING at`),
      ...[user, runId, counts.inputTokens, counts.outputTokens],
      ...[counts.cacheReadTokens, counts.cacheWriteTokens],
    );
    // Each second of each run: other nodes, each of which a notice wakes, hear of it when the run ends.
    this.#board.heard(['charged', user, false]);
    if (row === undefined || tokensMax === null) return null;
    const day = this.#days.of(row.at);
    const used = await this.#tokensUsed(user, day);
    if (used < tokensMax) return null;
    return { used, max: tokensMax, runTokens: budgeted(counts), resetAt: day.until };
  }

  async uses(user: string, now: number): Promise<Uses> {
    const day = this.#days.of(now);
    const row = await this.#db.get(
      'SELECT * FROM charges_of($1, $2, $3, $4, $5)',
      ...[user, '', now - HOUR_MS, day.from, day.until],
    );
    const oldest = typeof row?.oldest === 'number' ? row.oldest : null;
    const resetAt = day.until;
    return {
      hour: { used: Number(row?.hour), resetAt: oldest === null ? null : oldest + HOUR_MS },
      day: { used: Number(row?.day), resetAt },
      tokens: { used: Number(row?.tokens), resetAt },
      runs: { used: Number(row?.runs), resetAt: null },
    };
  }

  usage(query: UsageQuery): Promise<UsageOfDay[]> {
    return usageIn(this.#db, this.#days, query);
  }

  onCharged(listener: (user: string, eased: boolean) => void): () => void {
    return this.#board.on('charged', listener);
  }

  async #tokensUsed(user: string, { from, until }: Day): Promise<number> {
    const row = await this.#db.get(
      often(`SELECT coalesce(sum(input + cache_write + output), 0)::bigint AS used FROM charges
         WHERE user_name = $1 AND at >= $2 AND at < $3`),
      ...[user, from, until],
    );
    return Number(row?.used);
  }
}
