/** What the page asks of the server about conversations, over HTTP. */
import type { ConversationPage, ConversationView, MessagePage } from '../../transport/protocol.ts';

/** An answer that is none. `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface HistoryApi {
  list(
    query: string,
    before: string | null,
    limit: number,
    signal?: AbortSignal,
  ): Promise<ConversationPage>;
  conversation(threadId: string): Promise<ConversationView>;
  rename(threadId: string, title: string): Promise<ConversationView>;
  remove(threadId: string): Promise<void>;
  restore(threadId: string): Promise<ConversationView>;
  messages(threadId: string, before: string | null): Promise<MessagePage>;
}

export type ExportFormat = 'md' | 'json' | 'ndjson';

/** Where a conversation is saved from; a plain link. */
export function exportUrl(threadId: string, format: ExportFormat): string {
  return urlOf(`/${threadId}/export`, { format });
}

export const historyApi: HistoryApi = {
  list: (q, before, limit, signal) =>
    ask('GET', urlOf('', { ...(q && { q }), ...(before && { before }), limit }), { signal }),
  conversation: (threadId) => ask('GET', urlOf(`/${threadId}`)),
  rename: (threadId, title) => ask('PATCH', urlOf(`/${threadId}`), { body: { title } }),
  remove: (threadId) => ask('DELETE', urlOf(`/${threadId}`)),
  restore: (threadId) => ask('PATCH', urlOf(`/${threadId}`), { body: { deleted: false } }),
  messages: (threadId, before) =>
    ask('GET', urlOf(`/${threadId}/messages`, { ...(before && { before }) })),
};

function urlOf(path: string, query: Record<string, string | number> = {}): string {
  const url = new URL(`api/conversations${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

interface Asked {
  body?: object;
  signal?: AbortSignal | undefined;
}

/** @throws {ApiError} For every answer but success. */
async function ask<T>(method: string, url: string, { body, signal }: Asked = {}): Promise<T> {
  const response = await fetch(url, {
    method,
    cache: 'no-cache',
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'The server cannot be reached just now.');
  });
  const answer = (await response.json().catch(() => ({}))) as { message?: unknown };
  if (response.ok) return answer as T;
  const said = typeof answer.message === 'string' ? answer.message : null;
  throw new ApiError(response.status, said ?? `The server answered with ${response.status}.`);
}
