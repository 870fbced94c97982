import { useEffect } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { linkTo } from '../history/link-to.ts';
import { words } from '../words/words.ts';
import { notify, otherServerVersion, takeBack } from './app-worker.ts';
import { News } from './news.ts';
import { notifyChoice } from './notify-choice.ts';

/** No more words for whom the page was for. */
const GONE = ['leaving', 'signedOut', 'replaced'] as const;

/**
 * Calls the user back where they want that, until they sign out, and hears of it when the server is another version.
 */
export function useNews(client: ChatClient): void {
  useEffect(() => {
    const news = new News();
    let version: string | null = null;
    const gone = client.connection
      .select((snapshot) => GONE.some((state) => snapshot.matches(state)))
      .subscribe((isGone) => void (isGone && takeBack()));
    const deaf = client.listen((frame) => {
      if (frame.type === 'welcome') {
        if (version !== null && version !== frame.version) otherServerVersion();
        version ??= frame.version;
      }
      if (frame.type !== 'conversation') return;
      const call = news.take(frame.threadId, frame.conversation);
      if (call === null || notifyChoice() !== 'on' || !document.hidden) return;
      const { what, title, threadId } = call;
      const url = linkTo(threadId);
      notify({ type: 'notify', title, body: words.offline[what], tag: threadId, url });
    });
    return () => {
      gone.unsubscribe();
      deaf();
    };
  }, [client]);
}
