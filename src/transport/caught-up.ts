/** The end of a replay: what comes from here on is live. */
import type { Conversation } from '../machines/conversation.ts';
import { encodeCursor, type Position } from '../store/store.ts';
import type { DirectFrame } from './protocol.ts';

/** @param conversation Undefined: nothing is live in it. */
export function caughtUp(
  head: Position | null,
  conversation: Pick<Conversation, 'heardAt'> | undefined,
): DirectFrame {
  const heardAt = conversation?.heardAt ?? null;
  return {
    type: 'caughtUp',
    head: head && encodeCursor(head),
    ...(heardAt !== null && { heardAt }),
  };
}
