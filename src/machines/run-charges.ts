/**
 * What each run of a conversation is charged. The CLI counts by turn, and a turn with a question in it is several
 * runs: each is charged what was used since the one before it ended.
 */
import type { Limits, Overdrawn, Spending } from '../store/limits.ts';
import { budgeted, NO_TOKENS, since, type TokenCounts } from '../tokens.ts';

export interface RunChargesParts {
  readonly spend: (runId: string, counts: TokenCounts) => ReturnType<Limits['spend']>;
  readonly onSpent: (runId: string) => void;
  readonly onError: (error: unknown) => void;
}

export class RunCharges {
  readonly #parts: RunChargesParts;
  /** Of the turn so far. */
  #turn: TokenCounts = NO_TOKENS;
  /** Of the turn, what was charged to runs that have ended. */
  #charged: TokenCounts = NO_TOKENS;
  /** What was told last of a run that is over the budget. */
  #overdrawn: (Overdrawn & { runId: string }) | null = null;

  constructor(parts: RunChargesParts) {
    this.#parts = parts;
  }

  /** A new process counts from zero. */
  begin(): void {
    this.#turn = NO_TOKENS;
    this.#charged = NO_TOKENS;
  }

  /** The turn has used so much, of which the open run is charged what is its own. */
  progress(runId: string, turn: TokenCounts): void {
    this.#turn = turn;
    this.#parts
      .spend(runId, since(turn, this.#charged))
      .then((overdrawn) => {
        if (overdrawn === null) return;
        this.#overdrawn = { runId, ...overdrawn };
        this.#parts.onSpent(runId);
      })
      .catch(this.#parts.onError);
  }

  /** @param turn What the turn that ends with the run used; null where it does not end, or that is not known. */
  end(turn: Spending | null): Spending {
    const spent = since(turn ?? this.#turn, this.#charged);
    this.#charged = turn === null ? this.#turn : NO_TOKENS;
    if (turn !== null) this.#turn = NO_TOKENS;
    return { ...spent, costUsd: turn?.costUsd ?? 0 };
  }

  /** Why the run was stopped, as of its end. */
  receipt(runId: string, spent: TokenCounts): Overdrawn | null {
    if (this.#overdrawn?.runId !== runId) return null;
    const { runId: _, ...overdrawn } = this.#overdrawn;
    const runTokens = Math.max(overdrawn.runTokens, budgeted(spent));
    return { ...overdrawn, runTokens, used: overdrawn.used + runTokens - overdrawn.runTokens };
  }
}
