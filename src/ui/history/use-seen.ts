import { useEffect, useState } from 'react';
import { isLookedAt, onLookedAt } from '../app-shell/looked-at.ts';
import type { ChatClient } from '../chat/client.ts';
import { tellAttention } from './attention.ts';
import type { ConversationList } from './conversation-list.ts';
import { attention } from './marks.ts';
import { Seen } from './seen.ts';

/** Keeps what was seen true to what is on screen, in step with other tabs, and the tab's own signs with it. */
export function useSeen(client: ChatClient, list: ConversationList, threadId: string | null): Seen {
  const [seen] = useState(() => new Seen());
  useEffect(() => {
    const own = () => client.unsent && seen.own(client.unsent.drafts);
    const onStorage = ({ key }: StorageEvent) => seen.heard(key);
    own();
    const known = client.connection.on('user.known', own);
    addEventListener('storage', onStorage);
    return () => {
      known.unsubscribe();
      removeEventListener('storage', onStorage);
    };
  }, [client, seen]);
  useEffect(() => {
    const update = () => {
      const { state, conversations } = list.view();
      if (state !== 'ready') return;
      seen.begin(conversations);
      const shown = threadId === null ? undefined : list.get(threadId);
      if (shown && isLookedAt()) seen.see(shown);
      tellAttention(attention(conversations, seen.isUnread, threadId));
    };
    update();
    const ends = [list.subscribe(update), seen.subscribe(update), onLookedAt(update)];
    return () => {
      for (const end of ends) end();
    };
  }, [list, seen, threadId]);
  return seen;
}
