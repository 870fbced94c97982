import type { Wish } from '../connection.events.ts';
import { faultWords } from '../fault-words.ts';
import { words } from '../words/words.ts';
import type { Sending } from './chat-view.ts';
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

/** The prompts of a conversation that are on their way, in order. */
export function sendingIn(outbox: readonly Wish[], threadId: string | null): Sending[] {
  return outbox.flatMap((wish) => {
    const prompt = promptOf(wish);
    const isHere = 'threadId' in wish && wish.threadId === threadId;
    return prompt && isHere ? [{ runId: wish.runId, ...prompt }] : [];
  });
}

/** What was chosen for a conversation and has no answer yet. */
export function choicesIn(outbox: readonly Wish[]): Wish[] {
  return outbox.filter((wish) => 'type' in wish && wish.type === 'choose');
}

/** What to say of a refusal; null where nothing is amiss: what was to be stopped has ended by itself. */
export function refusalWords(wish: Wish, fault: string): string | null {
  if (!('type' in wish) || wish.type === 'choose') return faultWords(fault);
  return wish.type === 'unpark' && fault === 'run.unknown'
    ? words.compose.sentBeforeTakenBack
    : null;
}
