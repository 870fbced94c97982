/** Links to a conversation, for its owner; and what a reader by one is told over HTTP. */
import { FaultError } from '../faults.ts';
import { decodeCursor, type Store } from '../store/store.ts';
import type { Gate } from './gate.ts';
import { readJson, sendJson } from './http.ts';
import { type Answer, ownConversation } from './own-conversation.ts';
import type { Handler, Routes } from './router.ts';
import { sendSharedPage } from './shared-page.ts';
import type { Shares } from './shares.ts';

const BODY_BYTES_MAX = 1_024;
const TTL_MS_MIN = 1_000;
const TTL_MS_MAX = 30 * 24 * 3_600_000;
const MESSAGES = { messagesMax: 50, bytesMax: 1024 * 1024, atLeastOne: true };

export interface ShareRouteParts {
  readonly shares: Shares;
  readonly store: Pick<Store, 'messages' | 'conversation'>;
  readonly gate: Gate;
}

export function shareRoutes({ shares, store, gate }: ShareRouteParts): Routes {
  const own = ownConversation(gate);
  const one = (answer: Answer): Handler =>
    own(async (key, ...rest) => {
      if ((await store.conversation(key)) === null) throw new FaultError('conversation.unknown');
      await answer(key, ...rest);
    });

  return {
    'GET /shared': (_, response) => sendSharedPage(response),

    'GET /api/conversations/*/share': one(async (key, _, response) => {
      sendJson(response, 200, { share: await shares.view(key) });
    }),

    'POST /api/conversations/*/share': one(async (key, request, response) => {
      const { ttlMs = null } = await readJson(request, BODY_BYTES_MAX);
      if (ttlMs !== null && !isTtl(ttlMs))
        throw new FaultError(
          'request.malformed',
          `ttlMs: accepts null or ${TTL_MS_MIN} to ${TTL_MS_MAX}`,
        );
      const id = await shares.create(key, ttlMs);
      sendJson(response, 201, { id, share: await shares.view(key) });
    }),

    'DELETE /api/conversations/*/share': one(async (key, _, response) => {
      if (!(await shares.revoke(key))) throw new FaultError('share.unknown');
      response.writeHead(204).end();
    }),

    // A POST, so that the link's id stands in no address, and so in no log.
    'POST /api/shared/messages': async (request, response) => {
      gate.refuseForeign(request);
      const identity = await gate.visitor(request, response);
      if (identity === null) return;
      const { share, before } = await readJson(request, BODY_BYTES_MAX);
      const place = typeof before === 'string' ? decodeCursor(before) : null;
      if (typeof share !== 'string' || place === null)
        throw new FaultError('request.malformed', 'share: accepts an id; before: a cursor');
      const { key } = await shares.find(share, identity.user);
      sendJson(response, 200, await store.messages(key, place.seq, MESSAGES));
    },
  };
}

function isTtl(given: unknown): given is number {
  return Number.isInteger(given) && Number(given) >= TTL_MS_MIN && Number(given) <= TTL_MS_MAX;
}
