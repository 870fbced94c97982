/**
 * Counts what Claude says, and says when it is time to tell: each telling costs the machine a transition, and the
 * store a look at the user's budget.
 */
import type { ClaudeFact } from './facts.ts';
import type { ClaudeMessage } from './message.ts';
import { TurnTokens } from './turn-tokens.ts';

/** Told no more often. */
const PROGRESS_MS = 1_000;
/** Told for fewer after a while only: a delta is about a token, and so few matter to no budget. */
const PROGRESS_DELTAS = 16;
const FEW_DELTAS_MS = 30_000;

export class Progress {
  /** Since the process started. */
  deltas = 0;
  /** Since the last turn ended. */
  readonly tokens = new TurnTokens();
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldDeltas = 0;
  /** More was counted than deltas tell. */
  #hasUsage = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(message: ClaudeMessage): void {
    if (message.kind === 'delta') this.deltas += 1;
    else if ('usage' in message) this.#hasUsage = true;
    this.tokens.note(message);
  }

  isDue(): boolean {
    const now = this.#now();
    const isMuch = this.#hasUsage || this.deltas - this.#toldDeltas >= PROGRESS_DELTAS;
    if (now - this.#toldAt < (isMuch ? PROGRESS_MS : FEW_DELTAS_MS)) return false;
    this.#toldAt = now;
    this.#toldDeltas = this.deltas;
    this.#hasUsage = false;
    return true;
  }

  get fact(): ClaudeFact {
    return { type: 'claude.progress', deltas: this.deltas, tokens: this.tokens.counts };
  }
}
