import type { Wish } from '../connection.events.ts';
import { faultWords } from '../fault-words.ts';
import { type Prompt, promptIn } from './prompt-content.ts';

/**
 * What was sent and not answered yet, kept for this tab only, so that a reload at the wrong moment sends it
 * again. The run id stays the same, so the server takes it once however often it comes.
 */
const KEY = 'greenroom:outbox';

type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function saveOutbox(keep: Keep | null, outbox: readonly Wish[]): void {
  try {
    if (outbox.length === 0) keep?.removeItem(KEY);
    else keep?.setItem(KEY, JSON.stringify(outbox));
  } catch {
    // Storage is full or forbidden: the wish still lives on this page.
  }
}

/** The wishes that belong to this conversation; those of another one are dropped. */
export function loadOutbox(keep: Keep | null, threadId: string | null): Wish[] {
  try {
    const wishes: unknown = JSON.parse(keep?.getItem(KEY) ?? '[]');
    if (!Array.isArray(wishes)) return [];
    return wishes.filter((wish: Wish) => 'threadId' in wish && wish.threadId === threadId);
  } catch {
    return [];
  }
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
