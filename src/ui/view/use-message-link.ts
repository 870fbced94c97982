import { useEffect } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { messageOf, threadOf } from '../chat/route.ts';

/** Goes to the message that the address names: as the page opens, and whenever the address changes. */
export function useMessageLink(client: ChatClient): void {
  useEffect(() => {
    const follow = () => {
      const [threadId, messageId] = [threadOf(location.hash), messageOf(location.hash)];
      if (threadId === null || messageId === null) return;
      import('../history/reveal.ts')
        .then(({ reveal }) => reveal(client, threadId, messageId))
        .catch(() => {}); // the conversation is open all the same
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [client]);
}
