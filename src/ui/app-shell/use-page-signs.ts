import { useEffect, useState } from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { liveRun } from '../chat/thread.ts';
import { useAttention } from '../history/attention.ts';
import { isLookedAt, onLookedAt } from './looked-at.ts';
import { documentTitle, iconOf, type Sign, signOf, titleFromPrompt } from './page-signs.ts';

/** Files, not drawn here: the policy of the page lets it show its own. */
const ICONS: Readonly<Record<Sign, string>> = {
  idle: new URL('../favicon.svg', import.meta.url).href,
  working: new URL('../favicon-working.svg', import.meta.url).href,
  asking: new URL('../favicon-asking.svg', import.meta.url).href,
  done: new URL('../favicon-done.svg', import.meta.url).href,
};

/** Keeps the tab's title and icon true to the conversation on screen, and to what others want. */
export function usePageSigns(client: ChatClient, view: ChatView): void {
  const told = useToldTitle(client, view.threadId);
  const isUnread = useUnread(view);
  const sign = signOf(view.runs, isUnread);
  const title = told ?? (view.before === null ? titleFromPrompt(view.runs) : null);
  const others = useAttention();
  const icon = ICONS[iconOf(sign, others)];
  useEffect(() => {
    document.title = documentTitle(sign, title, others);
  }, [sign, title, others]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link && link.href !== icon) link.href = icon;
  }, [icon]);
}

/** The title as the server told it last; null: it told none while this page was open. */
function useToldTitle(client: ChatClient, threadId: string | null): string | null {
  const [told, tell] = useState<{ threadId: string; title: string } | null>(null);
  useEffect(
    () =>
      client.listen((frame) => {
        if (frame.type === 'conversation' && frame.conversation !== null) tell(frame.conversation);
      }),
    [client],
  );
  // One that is not shown is told as well; the prompt's words stand in where it took the place.
  return told !== null && told.threadId === threadId ? told.title : null;
}

/** True from a run's end that nobody saw, until the page is looked at or shows another conversation. */
function useUnread({ threadId, runs }: ChatView): boolean {
  const live = liveRun(runs)?.id ?? null;
  const [wasLive, setLive] = useState(live);
  const [shownThread, setThread] = useState(threadId);
  const [isUnread, setUnread] = useState(false);
  useEffect(() => {
    return onLookedAt(() => isLookedAt() && setUnread(false));
  }, []);
  useEffect(() => {
    const isSame = shownThread === threadId;
    if (!isSame) setUnread(false);
    else if (wasLive !== null && live === null && !isLookedAt()) setUnread(true);
    setThread(threadId);
    setLive(live);
  }, [threadId, live, shownThread, wasLive]);
  return isUnread;
}
