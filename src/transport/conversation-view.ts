/** A conversation as a list shows it: what the store keeps of it, and what goes on in it now. */
import type { Conversations } from '../machines/conversations.ts';
import type { ConversationRecord } from '../store/history.ts';
import { threadOf } from '../store/store.ts';
import type { ConversationView } from './views.ts';

export function viewOf(
  { key, title, createdAt, updatedAt, endedAt, forkedFrom, pinned }: ConversationRecord,
  conversations: Pick<Conversations, 'find'>,
): ConversationView {
  const activity = conversations.find(key)?.activity ?? null;
  const threadId = threadOf(key);
  return { threadId, title, createdAt, updatedAt, endedAt, activity, forkedFrom, pinned };
}
