import { hashOf } from '../chat/route.ts';

/** The whole address of a message, to be copied: whoever may read the conversation comes to it. */
export function messageLink(threadId: string, messageId: string): string {
  return new URL(hashOf(threadId, messageId), document.baseURI).href;
}
