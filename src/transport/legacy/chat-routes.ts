/** The routes of the replaced server that ask something, and where they are answered. */
import type { IncomingMessage } from 'node:http';
import { FaultError } from '../../faults.ts';
import type { Gate } from '../gate.ts';
import { isJson, readBody, readJson, sendJson } from '../http.ts';
import type { RunInput } from '../protocol.ts';
import type { Routes } from '../router.ts';
import type { Door } from '../websocket.ts';
import { ChatAnswer } from './chat-answer.ts';
import { type ChatHistoryParts, chatHistoryRoutes } from './chat-history-routes.ts';
import { newConversationId, requestOf } from './chat-request.ts';
import { type ChatPlace, pageAt } from './place.ts';

export interface ChatRouteParts extends ChatPlace, ChatHistoryParts {
  readonly door: Door;
  readonly gate: Gate;
  readonly maxFrameBytes: number;
}

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;

export function chatRoutes(parts: ChatRouteParts): Routes {
  const { door, gate, maxFrameBytes, maxPromptBytes } = parts;
  const page = pageAt(parts);

  async function requestIn(request: IncomingMessage): Promise<RunInput> {
    const type = request.headers['content-type'] ?? '';
    const read = FORM.test(type) ? readForm : isJson(request) ? readJson : null;
    if (read === null) throw new FaultError('request.malformed', 'it is neither a form nor JSON');
    const fields = await read(request, maxFrameBytes);
    return requestOf(fields, null, maxPromptBytes, 'request.malformed');
  }

  return {
    'POST /new': async (request, response) => {
      gate.refuseForeign(request);
      if ((await gate.visitor(request, response)) === null) return;
      sendJson(response, 200, { conversation_id: newConversationId() });
    },

    // A page elsewhere can send a form with our cookie, so that the check of its Origin is all there is.
    'POST /': async (request, response) => {
      gate.refuseForeign(request);
      if ((await gate.visitor(request, response)) === null) return;
      const input = await requestIn(request);
      const answer = await door.openStream(
        request,
        response,
        (session) => new ChatAnswer({ ...session, response, input, page }),
      );
      await answer.begin();
    },

    ...chatHistoryRoutes(parts),
  };
}

/** @throws {FaultError} `request.malformed` for what is no form, or too long. */
async function readForm(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Record<string, unknown>> {
  const body = await readBody(request, bytesMax);
  const headers = { 'Content-Type': request.headers['content-type'] ?? '' };
  try {
    return Object.fromEntries(await new Response(new Uint8Array(body), { headers }).formData());
  } catch {
    throw new FaultError('request.malformed', 'its body is not a form');
  }
}
