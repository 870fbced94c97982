import { type RefObject, useEffect, useSyncExternalStore } from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import { historyApi } from '../history/api.ts';
import type { Found } from '../history/conversation-list.ts';
import type { SidebarHands } from '../history/sidebar.tsx';

const NONE: readonly Found[] = [];
const unheard = () => () => {};

/** The conversations that the sidebar knows, and the one on screen among them. */
export function useConversations(
  hands: RefObject<SidebarHands | null>,
  { threadId, runs }: ChatView,
  isLive: boolean,
) {
  const list = hands.current?.list ?? null;
  const known = useSyncExternalStore(list?.subscribe ?? unheard, () => list?.view() ?? null);
  const conversations = known?.conversations ?? NONE;
  const current = conversations.find((one) => one.threadId === threadId) ?? null;

  // One that is so old that it is on no page of the list yet is asked for by its name.
  const isUnknown = isLive && known?.state === 'ready' && current === null && runs.length > 0;
  useEffect(() => {
    if (!isUnknown || threadId === null) return;
    historyApi.conversation(threadId).then(
      (conversation) => list?.receive({ type: 'conversation', threadId, conversation }),
      () => {}, // what needs it is not offered
    );
  }, [isUnknown, threadId, list]);
  return { list, conversations, current };
}
