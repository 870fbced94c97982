import type { Wish } from '../connection.events.ts';
import { faultWords } from '../fault-words.ts';
import { type Prompt, promptIn } from './prompt-content.ts';
import type { Kept } from './storage.ts';

export const OUTBOX = 'outbox';

/**
 * What was sent and not answered yet, kept for this tab only, so that a reload at the wrong moment sends it
 * again. The run id stays the same, so the server takes it once however often it comes.
 */
export function saveOutbox(tab: Kept, outbox: readonly Wish[]): void {
  tab.set(OUTBOX, outbox.length === 0 ? null : JSON.stringify(outbox));
}

/** Those that name their conversation; the others mean nothing to another page. */
export function loadOutbox(tab: Kept): Wish[] {
  try {
    const wishes: unknown = JSON.parse(tab.get(OUTBOX) ?? '[]');
    return Array.isArray(wishes) ? wishes.filter((wish: Wish) => 'threadId' in wish) : [];
  } catch {
    return [];
  }
}

/** What sends a prompt or an answer; its reply names it by its run. */
export function runInput(input: Omit<Extract<Wish, { messages: unknown }>, 'ref'>): Wish {
  const unused = { tools: [], context: [], state: {}, forwardedProps: {} };
  return { ...input, ...unused, ref: input.runId };
}

/** What a wish asks Claude; null for one that asks nothing (an abort, an answer to an approval). */
export function promptOf(wish: Wish): Prompt | null {
  const message = 'messages' in wish ? wish.messages.findLast(({ role }) => role === 'user') : null;
  return message ? promptIn(message.content) : null;
}

/** What to say of a refusal; null where nothing is amiss: what was to be stopped has ended by itself. */
export function refusalWords(wish: Wish, fault: string): string | null {
  if (!('type' in wish) || wish.type === 'choose') return faultWords(fault);
  return wish.type === 'unpark' && fault === 'run.unknown'
    ? 'That message had been sent before it could be taken back. Its words are in the box too.'
    : null;
}
