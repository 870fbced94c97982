/** Routes about one conversation of the one who asks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultError } from '../faults.ts';
import { CLIENT_ID, type ConversationKey, conversationKey } from '../store/store.ts';
import type { Gate } from './gate.ts';
import type { Handler } from './router.ts';

export type Answer = (
  key: ConversationKey,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  /** What stands where the route has its stars after the thread's. */
  stars: readonly string[],
) => Promise<void>;

/** Another user's conversation is as unknown as one that never was, and no foreign page may ask. */
export function ownConversation({ visitor, refuseForeign }: Gate): (answer: Answer) => Handler {
  return (answer) =>
    async (request, response, query, [threadId = '', ...stars]) => {
      refuseForeign(request);
      const identity = await visitor(request, response);
      if (identity === null) return;
      if (!CLIENT_ID.test(threadId)) throw new FaultError('conversation.unknown');
      await answer(conversationKey(identity.user, threadId), request, response, query, stars);
    };
}
