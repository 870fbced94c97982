/** Counts what Claude says, and says when it is time to tell: each telling costs the machine a transition. */
import type { ClaudeFact } from './facts.ts';
import type { ClaudeMessage } from './message.ts';
import { TurnTokens } from './turn-tokens.ts';

const PROGRESS_MS = 1_000;

export class Progress {
  /** Since the process started. */
  deltas = 0;
  /** Since the last turn ended. */
  readonly tokens = new TurnTokens();
  readonly #now: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(message: ClaudeMessage): void {
    if (message.kind === 'delta') this.deltas += 1;
    this.tokens.note(message);
  }

  /** At most once in `PROGRESS_MS`. */
  isDue(): boolean {
    const now = this.#now();
    if (now - this.#toldAt < PROGRESS_MS) return false;
    this.#toldAt = now;
    return true;
  }

  get fact(): ClaudeFact {
    return { type: 'claude.progress', deltas: this.deltas, tokens: this.tokens.counts };
  }
}
