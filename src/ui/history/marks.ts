/** What a conversation shows beside its title, and what all that are not on screen want of their user. */
import type { ConversationView } from '../../transport/views.ts';

/** `unread`: a run ended since this browser last showed it. */
export type Mark = 'running' | 'asking' | 'unread';

/** Counts of conversations that are not on screen. */
export interface Attention {
  /** They ask something, and nothing goes on in them until it is answered. */
  readonly waiting: number;
  readonly unread: number;
}

type Markable = Pick<ConversationView, 'threadId' | 'activity' | 'endedAt'>;
export type IsUnread = (conversation: Markable) => boolean;

/** What goes on comes before what has ended. */
export function markOf(conversation: Markable, isUnread: IsUnread): Mark | null {
  return conversation.activity ?? (isUnread(conversation) ? 'unread' : null);
}

/** @param shown The conversation on screen: it has signs of its own. */
export function attention(
  conversations: readonly Markable[],
  isUnread: IsUnread,
  shown: string | null,
): Attention {
  const marks = conversations
    .filter(({ threadId }) => threadId !== shown)
    .map((conversation) => markOf(conversation, isUnread));
  const count = (mark: Mark) => marks.filter((one) => one === mark).length;
  return { waiting: count('asking'), unread: count('unread') };
}
