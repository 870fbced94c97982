import { useSyncExternalStore } from 'react';
import { language, words } from '../words/words.ts';
import type { ConversationList } from './conversation-list.ts';

/** Tells who reads by ear that other conversations wait for them, once for each change, and politely. */
export function AskingAnnouncer({ list, shown }: { list: ConversationList; shown: string | null }) {
  const { conversations } = useSyncExternalStore(list.subscribe, list.view);
  const titles = conversations
    .filter(({ threadId, activity }) => activity === 'asking' && threadId !== shown)
    .map(({ title }) => words.history.quoted(title));
  const named = new Intl.ListFormat(language).format(titles);
  return (
    <p className="hidden" role="status">
      {titles.length > 0 && words.history.askingIn(named)}
    </p>
  );
}
