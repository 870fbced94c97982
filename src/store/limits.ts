/**
 * What users may use, and what they have used: the part of the store that is a ledger. Every run has one entry,
 * opened before the run is accepted and closed with its end, whatever ended it; limits are sums over entries.
 */
import type { TokenCounts } from '../tokens.ts';
import type { LimitName } from '../transport/protocol.ts';
import type { ConversationKey } from './store.ts';

export const HOUR_MS = 3_600_000;

/** The limits that a take is measured by. */
export type LedgerLimit = Extract<LimitName, 'hour' | 'day' | 'tokens' | 'runs'>;

/**
 * What one user may use; null where the operator lifted the limit. `hour`: prompts in any 60 minutes. `day`:
 * prompts in a day of the configured zone. `tokens`: input, cache writes and output in such a day. `runs`:
 * conversations with a run that has not ended.
 */
export type Allowance = Readonly<Record<LedgerLimit, number | null>>;

/** Used so far, of each limit; `resetAt` is epoch ms, and null where that is not known or there is nothing. */
export type Uses = Readonly<Record<LedgerLimit, { used: number; resetAt: number | null }>>;

export interface Spending extends TokenCounts {
  readonly costUsd: number;
}

/** What a take asks for. */
export interface Demand {
  readonly key: ConversationKey;
  readonly runId: string;
  readonly allowance: Allowance;
  /** Tokens held for the run until it has used as many, or has ended. */
  readonly reserve: number;
}

export interface Refused<Limit extends LimitName = LedgerLimit> {
  readonly limit: Limit;
  readonly max: number;
  readonly remaining: number;
  /** A try after so long succeeds, if nothing else is used meanwhile; null where that cannot be known. */
  readonly retryAfterMs: number | null;
  readonly resetAt: number | null;
}

export type Taken = { readonly ok: true } | ({ readonly ok: false } & Refused);

/** The budget of a day is used up; figures are of that day, epoch ms and tokens. */
export interface Overdrawn {
  readonly used: number;
  readonly max: number;
  readonly runTokens: number;
  readonly resetAt: number;
}

/** What one user used in one day of the configured zone. */
export interface UsageOfDay extends Spending {
  readonly user: string;
  /** `2026-11-25`. */
  readonly day: string;
  readonly prompts: number;
}

/** @property from @property to Days, both included: `2026-11-25`. @property user Null: of all. */
export interface UsageQuery {
  readonly from: string;
  readonly to: string;
  readonly user: string | null;
}

export interface Limits {
  /**
   * Opens the entry of a run that a prompt asks for, if it fits every limit; else nothing changes. One that is
   * open already is not opened, nor charged, again.
   */
  take(demand: Demand, now: number): Promise<Taken>;
  /** Takes the entry back of a run that was not accepted; of another it does nothing. */
  giveBack(user: string, runId: string): Promise<void>;
  /**
   * What a run has used so far; figures only replace smaller ones. Its end, in the journal, closes its entry.
   * @returns What to tell where the day's tokens are used up; null where they are not.
   */
  spend(
    user: string,
    runId: string,
    counts: TokenCounts,
    tokensMax: number | null,
  ): Promise<Overdrawn | null>;
  uses(user: string, now: number): Promise<Uses>;
  /** By day, then by user; days on which a user used nothing are left out. */
  usage(query: UsageQuery): Promise<UsageOfDay[]>;
  /** Calls back when what a user has used has changed; `eased`: it has become less, or a run has ended. */
  onCharged(listener: (user: string, eased: boolean) => void): () => void;
}

/** Of several, the one that opens last: before it does, no try can succeed. */
export function lastToOpen(refusals: readonly Refused[]): Refused | undefined {
  const opens = ({ resetAt, max }: Refused) =>
    max === 0 ? Number.POSITIVE_INFINITY : (resetAt ?? Number.MAX_VALUE);
  return refusals.toSorted((a, b) => opens(b) - opens(a))[0];
}
