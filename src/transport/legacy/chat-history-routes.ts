/** Conversations as clients of the replaced server list, read and delete them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FaultError } from '../../faults.ts';
import type { Conversations } from '../../machines/conversations.ts';
import type { ConversationRecord } from '../../store/history.ts';
import {
  CLIENT_ID,
  type ConversationKey,
  conversationKey,
  type Store,
  threadOf,
  userOf,
} from '../../store/store.ts';
import { oldestFirst } from '../export.ts';
import type { Gate } from '../gate.ts';
import { sendCached } from '../http.ts';
import type { Message } from '../protocol.ts';
import type { Handler, Routes } from '../router.ts';

/** The latest conversations are listed; the page and its API have the others. */
const LISTED_MAX = 100;
/** Of each, so much is looked at to count its messages. */
const COUNTED = { messagesMax: 200, bytesMax: 256 * 1024, atLeastOne: true };
const PREVIEW_UNITS = 50;

export interface ChatHistoryParts {
  readonly store: Store;
  readonly conversations: Conversations;
  readonly gate: Gate;
}

export function chatHistoryRoutes({ store, conversations, gate }: ChatHistoryParts): Routes {
  /** One conversation of the one who asks; another's is as unknown as one that never was. */
  const one =
    (answer: (key: ConversationKey, response: ServerResponse) => Promise<void>): Handler =>
    async (request: IncomingMessage, response, _, [id = '']) => {
      if (request.method === 'DELETE') gate.refuseForeign(request);
      const identity = await gate.visitor(request, response);
      if (identity === null) return;
      if (!CLIENT_ID.test(id)) throw new FaultError('conversation.unknown');
      await answer(conversationKey(identity.user, id), response);
    };

  async function summary({ key, title, createdAt }: ConversationRecord) {
    const { messages } = await store.messages(key, null, COUNTED);
    return {
      id: threadOf(key),
      created_at: stamp(createdAt),
      preview: previewOf(title),
      message_count: messages.filter((message) => textOf(message) !== null).length,
    };
  }

  return {
    'GET /history': async (request, response) => {
      const identity = await gate.visitor(request, response);
      if (identity === null) return;
      const { found } = await store.list(identity.user, null, LISTED_MAX);
      const summaries = [];
      for (const record of newestFirst(found)) summaries.push(await summary(record));
      sendCached(request, response, summaries);
    },

    'GET /history/*': one(async (key, response) => {
      if ((await store.conversation(key)) === null) throw new FaultError('conversation.unknown');
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Cache-Control': 'private, no-store',
      });
      if (response.req.method === 'HEAD') return void response.end();
      await pipeline(Readable.from(lines(store, key)), response);
    }),

    'DELETE /history/*': one(async (key, response) => {
      if (!(await store.remove(key, Date.now()))) throw new FaultError('conversation.unknown');
      await conversations.dismiss(key);
      response.writeHead(204).end();
    }),
  };
}

function newestFirst(found: readonly ConversationRecord[]): ConversationRecord[] {
  return found.toSorted((a, b) => b.createdAt - a.createdAt);
}

/** The text of a JSON array, however long the conversation is. */
async function* lines(store: Store, key: ConversationKey): AsyncGenerator<string> {
  let before = '[';
  for await (const message of oldestFirst(store, key)) {
    const content = textOf(message);
    if (content === null) continue;
    const ts = stamp(Number(message.metadata?.createdAt));
    yield `${before}${JSON.stringify({ ts, user: userOf(key), role: message.role, content })}`;
    before = ',\n';
  }
  yield before === '[' ? '[]\n' : ']\n';
}

/** What a person or Claude said to the other; null: a tool, a thought, a subagent, nothing. */
function textOf(message: Message): string | null {
  if (message.role !== 'user' && message.role !== 'assistant') return null;
  if ('subagentRunId' in message) return null;
  const { content } = message;
  const text = Array.isArray(content)
    ? content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
    : (content ?? '');
  return text === '' ? null : text;
}

/** UTC, to the second, as the replaced server wrote it. */
function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function previewOf(title: string): string {
  if (title.length <= PREVIEW_UNITS) return title;
  return `${title.slice(0, PREVIEW_UNITS).toWellFormed()}...`;
}
