/** A conversation as a file, written page by page: however long it is, little of it is in memory. */
import type { PageBounds } from '../store/history.ts';
import type { ConversationKey, Store } from '../store/store.ts';
import { decodeCursor } from '../store/store.ts';
import { disposition } from './disposition.ts';
import { markdownOf } from './markdown.ts';
import type { Message } from './protocol.ts';
import type { ConversationView } from './views.ts';

export const EXPORTS = {
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};
export type ExportFormat = keyof typeof EXPORTS;

const PAGE: PageBounds = { messagesMax: 200, bytesMax: 1024 * 1024, atLeastOne: true };

/** The header that names the file a browser saves; characters it may not have are left out of the plain name. */
export function fileName(title: string, format: string): string {
  const words = title.replace(/[/\\:*?"<>|\s\p{C}]+/gu, ' ').trim();
  return disposition('attachment', `${words || 'conversation'}.${format}`);
}

/** The file's text, in pieces. */
export async function* exported(
  store: Pick<Store, 'messages'>,
  key: ConversationKey,
  conversation: ConversationView,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { threadId, title, createdAt, updatedAt } = conversation;
  const messages = oldestFirst(store, key);
  switch (format) {
    case 'md':
      yield `# ${title}\n`;
      for await (const message of messages) yield markdownOf(message);
      return;
    case 'ndjson':
      for await (const message of messages) yield `${JSON.stringify(message)}\n`;
      return;
    case 'json': {
      const head = JSON.stringify({ threadId, title, createdAt, updatedAt });
      yield `${head.slice(0, -1)},"messages":[`;
      let comma = '';
      for await (const message of messages) {
        yield `${comma}\n${JSON.stringify(message)}`;
        comma = ',';
      }
      yield '\n]}\n';
    }
  }
}

/** Pages are found from the end, so their places are collected first. */
export async function* oldestFirst(
  store: Pick<Store, 'messages'>,
  key: ConversationKey,
): AsyncGenerator<Message> {
  const places: (number | null)[] = [];
  let before: number | null | undefined = null;
  while (before !== undefined) {
    places.push(before);
    const cursor: string | null = (await store.messages(key, before, PAGE)).before;
    before = cursor === null ? undefined : decodeCursor(cursor)?.seq;
  }
  for (const place of places.reverse()) yield* (await store.messages(key, place, PAGE)).messages;
}
