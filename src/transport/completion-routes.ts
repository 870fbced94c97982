/** `GET /chat/api/files/complete`: paths for a prompt that is being written. */
import { FaultError } from '../faults.ts';
import { CLIENT_ID } from '../store/store.ts';
import type { Gate } from './gate.ts';
import { sendJson } from './http.ts';
import type { Routes } from './router.ts';

const QUERY_MAX = 200;

export interface CompletionRouteParts {
  readonly gate: Gate;
  /** Of a conversation's working directory, or, for null, of the user's workspace. */
  readonly complete: (user: string, threadId: string | null, query: string) => Promise<string[]>;
}

export function completionRoutes({ gate, complete }: CompletionRouteParts): Routes {
  const { visitor } = gate;
  return {
    'GET /api/files/complete': async (request, response, query) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const threadId = query.get('threadId');
      if (threadId !== null && !CLIENT_ID.test(threadId))
        throw new FaultError('conversation.unknown');
      const wanted = (query.get('q') ?? '').slice(0, QUERY_MAX);
      sendJson(response, 200, { paths: await complete(identity.user, threadId, wanted) });
    },
  };
}
