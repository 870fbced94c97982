/** What the page asks of the server about links to conversations. */
import type { MessagePage, ShareView } from '../../transport/views.ts';
import { apiUrl, ask } from '../api.ts';

const urlOf = (threadId: string) => apiUrl(`conversations/${threadId}/share`);

/** @throws {ApiError} As all of these do. */
export async function shareOf(threadId: string): Promise<ShareView | null> {
  return (await ask<{ share: ShareView | null }>('GET', urlOf(threadId))).share;
}

/** Makes a link, in the place of the one there was. Its id is told this once. */
export function share(
  threadId: string,
  ttlMs: number | null,
): Promise<{ id: string; share: ShareView }> {
  return ask('POST', urlOf(threadId), { body: { ttlMs } });
}

export async function unshare(threadId: string): Promise<void> {
  await ask('DELETE', urlOf(threadId));
}

/** What was said before a cursor, in the conversation that a link leads to. */
export function sharedMessages(id: string, before: string): Promise<MessagePage> {
  return ask('POST', apiUrl('shared/messages'), { body: { share: id, before } });
}
