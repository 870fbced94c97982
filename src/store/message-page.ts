/** Messages, page by page from the end. */
import type { Message } from '../transport/protocol.ts';
import type { MessagePage } from '../transport/views.ts';
import type { FoldedMessage } from './fold.ts';
import type { PageBounds } from './history.ts';
import { encodeCursor } from './store.ts';

/**
 * The first of `backwards` within the bounds, oldest first.
 * @param term The conversation's.
 */
export function pageOfMessages(
  backwards: Iterable<FoldedMessage>,
  bounds: PageBounds,
  term: number,
): MessagePage {
  const { messages, from } = newest(backwards, bounds);
  return { messages, before: from === null ? null : cursorBefore(term, from) };
}

/** `from`: where the first began, if there are others. */
function newest(
  backwards: Iterable<FoldedMessage>,
  { messagesMax, bytesMax, atLeastOne }: PageBounds,
): { messages: Message[]; from: number | null } {
  const messages: Message[] = [];
  let bytes = 0;
  let from: number | null = null;
  for (const { seq, message } of backwards) {
    bytes += Buffer.byteLength(JSON.stringify(message));
    const fits = messages.length < messagesMax && bytes <= bytesMax;
    if (!fits && !(atLeastOne && messages.length === 0))
      return { messages: messages.reverse(), from: from ?? seq + 1 };
    messages.push(message);
    from = seq;
  }
  return { messages: messages.reverse(), from: null };
}

/** Opaque to clients, and only ever compared by its row: a compacted one's term is not known any more. */
function cursorBefore(term: number, seq: number): string | null {
  return seq <= 1 ? null : encodeCursor({ term: Math.max(1, term), seq: seq - 1 });
}
