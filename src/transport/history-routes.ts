/** Conversations over HTTP: listed, searched, read, renamed, deleted, exported. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FaultError } from '../faults.ts';
import type { Conversations } from '../machines/conversations.ts';
import { UNDO_MS } from '../store/housekeeper.ts';
import { type ConversationKey, decodeCursor, type Store, threadOf } from '../store/store.ts';
import { TITLE_MAX } from '../store/titles.ts';
import { viewOf } from './conversation-view.ts';
import { EXPORTS, type ExportFormat, exported, fileName } from './export.ts';
import { forkRoutes } from './fork-routes.ts';
import type { Gate } from './gate.ts';
import { readJson, sendCached, sendCachedText, sendJson } from './http.ts';
import { ownConversation } from './own-conversation.ts';
import type { Routes } from './router.ts';

const LIST = { initial: 30, max: 100 };
const MESSAGES = { initial: 50, max: 200 };
const PAGE_BYTES_MAX = 1024 * 1024;
const QUERY_MAX = 200;
const BODY_BYTES_MAX = 4_096;
/** Claude's, and so of no shape of ours. */
const TOOL_CALL_ID = /^[A-Za-z0-9_-]{1,128}$/;

export interface HistoryRouteParts {
  readonly store: Store;
  readonly conversations: Conversations;
  readonly gate: Gate;
}

export function historyRoutes({ store, conversations, gate }: HistoryRouteParts): Routes {
  const { visitor } = gate;
  const one = ownConversation(gate);

  async function view(key: ConversationKey) {
    const record = await store.conversation(key);
    if (record === null) throw new FaultError('conversation.unknown');
    await conversations.look([key]);
    return viewOf(record, conversations);
  }

  async function pin(key: ConversationKey, pinned: unknown): Promise<void> {
    if (typeof pinned !== 'boolean')
      throw new FaultError('request.malformed', 'pinned: accepts true or false');
    const outcome = await store.pin(key, pinned);
    if (outcome === 'unknown') throw new FaultError('conversation.unknown');
    if (outcome === 'tooMany') throw new FaultError('pin.tooMany');
  }

  return {
    ...forkRoutes({ store, newUuid: randomUUID, one, refuseUnknown: view }),

    'GET /api/conversations': async (request, response, query) => {
      const identity = await visitor(request, response);
      if (identity === null) return;
      const words = (query.get('q') ?? '').slice(0, QUERY_MAX);
      const [before, limit] = [query.get('before'), limitIn(query, LIST)];
      const page =
        words.trim() === ''
          ? await store.list(identity.user, before, limit)
          : await store.search(identity.user, words, before, limit);
      await conversations.look(page.found.map(({ key }) => key));
      const found = page.found.map(({ matches, ...record }) => ({
        ...viewOf(record, conversations),
        ...(matches && { matches }),
      }));
      sendCached(request, response, { conversations: found, before: page.before });
    },

    'GET /api/conversations/*': one(async (key, request, response) =>
      sendCached(request, response, await view(key)),
    ),

    'PATCH /api/conversations/*': one(async (key, request, response) => {
      const { title, deleted, pinned } = await readJson(request, BODY_BYTES_MAX);
      if (deleted === false) await store.restore(key);
      else if (deleted !== undefined)
        throw new FaultError('request.malformed', 'deleted: accepts false; DELETE deletes');
      if (title !== undefined) await store.rename(key, titleIn(title), 'user');
      if (pinned !== undefined) await pin(key, pinned);
      sendJson(response, 200, await view(key));
    }),

    'DELETE /api/conversations/*': one(async (key, _, response) => {
      const now = Date.now();
      if (!(await store.remove(key, now))) throw new FaultError('conversation.unknown');
      await conversations.dismiss(key);
      sendJson(response, 200, { threadId: threadOf(key), restorableUntil: now + UNDO_MS });
    }),

    'GET /api/conversations/*/messages': one(async (key, request, response, query) => {
      await view(key);
      const bounds = {
        messagesMax: limitIn(query, MESSAGES),
        bytesMax: PAGE_BYTES_MAX,
        atLeastOne: true,
      };
      sendCached(request, response, await store.messages(key, placeIn(query), bounds));
    }),

    'GET /api/conversations/*/results/*': one(async (key, _, response, __, [toolCallId = '']) => {
      await view(key);
      const text = TOOL_CALL_ID.test(toolCallId) ? await store.result(key, toolCallId) : null;
      if (text === null) throw new FaultError('conversation.unknown');
      response.setHeader('Content-Disposition', 'inline');
      sendCachedText(response.req, response, 'text/plain; charset=utf-8', text);
    }),

    'GET /api/conversations/*/export': one(async (key, _, response, query) => {
      const format = query.get('format') ?? 'md';
      if (!Object.hasOwn(EXPORTS, format))
        throw new FaultError('request.malformed', 'format: accepts md, json or ndjson');
      const conversation = await view(key);
      response.writeHead(200, {
        'Content-Type': EXPORTS[format as ExportFormat],
        'Content-Disposition': fileName(conversation.title, format),
        'Cache-Control': 'private, no-store',
      });
      if (response.req.method === 'HEAD') return void response.end();
      const text = exported(store, key, conversation, format as ExportFormat);
      await pipeline(Readable.from(text), response);
    }),
  };
}

function limitIn(query: URLSearchParams, { initial, max }: { initial: number; max: number }) {
  const given = query.get('limit');
  const limit = given === null ? initial : Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw new FaultError('request.malformed', `limit: accepts 1 to ${max}`);
  return limit;
}

function placeIn(query: URLSearchParams): number | null {
  const given = query.get('before');
  if (given === null) return null;
  const cursor = decodeCursor(given);
  if (cursor === null) throw new FaultError('request.malformed', 'before: accepts a cursor');
  return cursor.seq;
}

function titleIn(given: unknown): string {
  const title = typeof given === 'string' ? given.trim().replace(/\s+/g, ' ').toWellFormed() : '';
  if (title === '' || title.length > TITLE_MAX)
    throw new FaultError('request.malformed', `title: accepts 1 to ${TITLE_MAX} characters`);
  return title;
}
