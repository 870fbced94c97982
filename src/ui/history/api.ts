/** What the page asks of the server about conversations, over HTTP. */
import type { ConversationPage, ConversationView, MessagePage } from '../../transport/views.ts';
import { apiUrl, ask } from '../api.ts';

export interface HistoryApi {
  list(
    query: string,
    before: string | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<ConversationPage>;
  conversation(threadId: string): Promise<ConversationView>;
  rename(threadId: string, title: string): Promise<ConversationView>;
  pin(threadId: string, pinned: boolean): Promise<ConversationView>;
  remove(threadId: string): Promise<void>;
  restore(threadId: string): Promise<ConversationView>;
  messages(threadId: string, before: string | null): Promise<MessagePage>;
}

export type ExportFormat = 'md' | 'json' | 'ndjson';

/** Where a conversation is saved from; a plain link. */
export function exportUrl(threadId: string, format: ExportFormat): string {
  return urlOf(`/${threadId}/export`, { format });
}

/** As many as the server gives at once: a reader on the way back waits seldom. */
const MESSAGES_MAX = 200;

export const historyApi: HistoryApi = {
  list: (q, before, limit, signal) =>
    ask('GET', urlOf('', { ...(q && { q }), ...(before && { before }), limit }), { signal }),
  conversation: (threadId) => ask('GET', urlOf(`/${threadId}`)),
  rename: (threadId, title) => ask('PATCH', urlOf(`/${threadId}`), { body: { title } }),
  pin: (threadId, pinned) => ask('PATCH', urlOf(`/${threadId}`), { body: { pinned } }),
  remove: (threadId) => ask('DELETE', urlOf(`/${threadId}`)),
  restore: (threadId) => ask('PATCH', urlOf(`/${threadId}`), { body: { deleted: false } }),
  messages: (threadId, before) =>
    ask('GET', urlOf(`/${threadId}/messages`, { ...(before && { before }), limit: MESSAGES_MAX })),
};

function urlOf(path: string, query: Record<string, string | number> = {}): string {
  return apiUrl(`conversations${path}`, query);
}
