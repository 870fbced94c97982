/** Editing what was said: a conversation that goes on from before a run, and its siblings. */
import { FaultError } from '../faults.ts';
import type { ForkOutcome } from '../store/history.ts';
import {
  CLIENT_ID,
  type ConversationKey,
  conversationKey,
  type Store,
  userOf,
} from '../store/store.ts';
import { readJson, sendCached, sendJson } from './http.ts';
import type { Answer } from './own-conversation.ts';
import type { Handler, Routes } from './router.ts';

const BODY_BYTES_MAX = 1_024;

const REFUSALS = {
  unknown: 'run.unknown',
  live: 'run.live',
  tooMany: 'fork.tooMany',
} as const satisfies Record<Exclude<ForkOutcome, 'forked'>, string>;

export interface ForkRouteParts {
  readonly store: Store;
  readonly newUuid: () => string;
  /** Makes a handler for one conversation of the one who asks. */
  readonly one: (answer: Answer) => Handler;
  /** @throws {FaultError} `conversation.unknown` */
  readonly refuseUnknown: (key: ConversationKey) => Promise<unknown>;
}

export function forkRoutes({ store, newUuid, one, refuseUnknown }: ForkRouteParts): Routes {
  return {
    'POST /api/conversations/*/fork': one(async (key, request, response) => {
      const { before } = await readJson(request, BODY_BYTES_MAX);
      if (typeof before !== 'string' || !CLIENT_ID.test(before))
        throw new FaultError('request.malformed', 'before: accepts a run id');
      await refuseUnknown(key);
      const threadId = newUuid();
      const outcome = await store.fork(key, before, conversationKey(userOf(key), threadId));
      if (outcome !== 'forked') throw new FaultError(REFUSALS[outcome]);
      sendJson(response, 201, { threadId });
    }),

    'GET /api/conversations/*/branches': one(async (key, request, response) => {
      await refuseUnknown(key);
      sendCached(request, response, { branches: await store.branches(key) });
    }),
  };
}
