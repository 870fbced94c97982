/**
 * Counts a turn's tokens while it streams. The API tells a message's input when it begins and its output when it
 * ends: in between the output is estimated from the text. Of subagents only whole messages come.
 */
import { later, NO_TOKENS, type TokenCounts } from '../tokens.ts';
import type { ClaudeMessage, TurnResult, TurnUsage } from './message.ts';

/** As the API's own estimate has it. */
const CHARS_PER_TOKEN = 4;

export class TurnTokens {
  readonly #ofMessage = new Map<string, TokenCounts>();
  #messageId = '';
  #chars = 0;

  note(message: ClaudeMessage): void {
    switch (message.kind) {
      case 'delta':
        this.#chars += message.text.length;
        return;
      case 'messageStart':
        this.#keepEstimate(); // the one before was cut off
        this.#messageId = message.messageId;
        return this.#tell(message.messageId, message.usage ?? NO_TOKENS);
      case 'messageUsage':
        // One that was interrupted tells again what it told at its beginning.
        if (message.usage.outputTokens > this.#toldOutput) this.#chars = 0;
        else this.#keepEstimate();
        return this.#tell(this.#messageId, message.usage);
      case 'assistant':
        if (message.usage) this.#tell(message.messageId, message.usage);
    }
  }

  get counts(): TokenCounts {
    let [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens] = [0, 0, 0, 0];
    for (const counts of this.#ofMessage.values()) {
      inputTokens += counts.inputTokens;
      outputTokens += counts.outputTokens;
      cacheReadTokens += counts.cacheReadTokens;
      cacheWriteTokens += counts.cacheWriteTokens;
    }
    outputTokens += Math.ceil(this.#chars / CHARS_PER_TOKEN);
    return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  }

  /** The turn has ended, and what comes next is another's. */
  reset(): void {
    this.#ofMessage.clear();
    this.#chars = 0;
  }

  get #toldOutput(): number {
    return this.#ofMessage.get(this.#messageId)?.outputTokens ?? 0;
  }

  #keepEstimate(): void {
    const outputTokens = this.#toldOutput + Math.ceil(this.#chars / CHARS_PER_TOKEN);
    if (this.#chars > 0) this.#tell(this.#messageId, { ...NO_TOKENS, outputTokens });
    this.#chars = 0;
  }

  /** Figures of a message are totals so far: the largest are the last. */
  #tell(messageId: string, usage: TokenCounts): void {
    const known = this.#ofMessage.get(messageId) ?? NO_TOKENS;
    this.#ofMessage.set(messageId, later(known, usage));
  }
}

/** The CLI tells no usage of a turn that was interrupted (2.1.330): then it is what was counted. */
export function usageOf({ usage }: Pick<TurnResult, 'usage'>, counted: TokenCounts): TurnUsage {
  return usage.inputTokens + usage.outputTokens > 0 ? usage : { ...usage, ...counted };
}
