import { useEffect, useRef, useState } from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import { type News, NO_NEWS, newsOf } from './limit-news.ts';

/** Says aloud, once, that a limit holds a message back, and that it went. The cards themselves are silent. */
export function LimitAnnouncer({ view }: { view: ChatView }) {
  const last = useRef<News>(NO_NEWS);
  const [said, setSaid] = useState({ words: '', count: 0 });
  const { threadId, pending, throttled, runs } = view;
  useEffect(() => {
    const news = newsOf(last.current, { threadId, pending, throttled, runs }, Date.now());
    last.current = news;
    const { words } = news;
    if (words !== null) setSaid(({ count }) => ({ words, count: count + 1 }));
  }, [threadId, pending, throttled, runs]);
  return (
    <div className="hidden" role="status">
      <span key={said.count}>{said.words}</span>
    </div>
  );
}
