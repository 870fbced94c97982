import { useEffect } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { linkTo } from '../history/link-to.ts';
import { words } from '../words/words.ts';
import { notify, otherServerVersion } from './app-worker.ts';
import { News } from './news.ts';
import { notifyChoice } from './notify-choice.ts';

/** Calls the user back where they want that, and hears of it when the server is another version. */
export function useNews(client: ChatClient): void {
  useEffect(() => {
    const news = new News();
    let version: string | null = null;
    return client.listen((frame) => {
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
  }, [client]);
}
