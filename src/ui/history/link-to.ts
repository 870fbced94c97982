import { hashOf } from '../chat/route.ts';

/** The whole address of a conversation, or of a message of it: whoever may read it comes there. */
export function linkTo(threadId: string, messageId: string | null = null): string {
  return new URL(hashOf(threadId, messageId), document.baseURI).href;
}
