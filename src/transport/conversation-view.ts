/** A conversation as a list shows it: what the store keeps of it, and what goes on in it now. */
import type { Supervisor } from '../machines/supervisor.ts';
import type { ConversationRecord } from '../store/history.ts';
import { threadOf } from '../store/store.ts';
import type { ConversationView } from './views.ts';

export function viewOf(
  { key, title, createdAt, updatedAt, endedAt, forkedFrom, pinned }: ConversationRecord,
  supervisor: Pick<Supervisor, 'find'>,
): ConversationView {
  const activity = supervisor.find(key)?.activity ?? null;
  const threadId = threadOf(key);
  return { threadId, title, createdAt, updatedAt, endedAt, activity, forkedFrom, pinned };
}
