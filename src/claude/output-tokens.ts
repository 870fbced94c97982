/** What a turn has written so far, in tokens, as the API tells it: when a message ends, and never before. */
import type { ClaudeMessage } from './message.ts';

export class OutputTokens {
  /** Of the messages of this turn that are over. */
  #before = 0;
  #ofMessage = 0;

  /** @returns The total where the message tells of a new one, else null. Subagents tell none that is whole. */
  note(message: ClaudeMessage): number | null {
    if (message.kind === 'messageStart') {
      this.#before += this.#ofMessage;
      this.#ofMessage = 0;
    }
    if (message.kind !== 'messageUsage') return null;
    const { outputTokens } = message.usage;
    // One that was interrupted tells again what it told before.
    if (outputTokens <= this.#ofMessage) return null;
    this.#ofMessage = outputTokens;
    return this.#before + outputTokens;
  }

  /** The turn has ended, and what comes next is another's. */
  reset(): void {
    this.#before = 0;
    this.#ofMessage = 0;
  }
}
