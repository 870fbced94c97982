import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useNow } from '../view/clock.ts';
import { whenNear } from '../view/when-near.ts';
import type { ConversationList } from './conversation-list.ts';
import { ConversationRow } from './conversation-row.tsx';
import { groupByDay } from './day-groups.ts';

interface ConversationListsProps {
  list: ConversationList;
  threadId: string | null;
  onRemove: (threadId: string) => void;
  onOpen: () => void;
}

/** Every conversation, in lists by the day it was last used. */
export function ConversationLists({ list, threadId, onRemove, onOpen }: ConversationListsProps) {
  const { state, conversations, more } = useSyncExternalStore(list.subscribe, list.view);
  const today = new Date(useNow()).setHours(12, 0, 0, 0); // groups change at midnight alone
  if (state === 'loading') return <Skeleton />;
  if (state === 'failed')
    return (
      <p className="sidebar-note" role="status">
        Your conversations could not be loaded.{' '}
        <button type="button" className="link-button" onClick={() => void list.refresh()}>
          Try again
        </button>
      </p>
    );
  if (conversations.length === 0)
    return <p className="sidebar-note">What you talk about with Claude is kept here.</p>;
  return (
    <>
      {groupByDay(conversations, today).map(({ label, items }) => (
        <section key={label} aria-label={label}>
          <h2 className="day">{label}</h2>
          <ul className="conversations">
            {items.map((conversation) => (
              <ConversationRow
                key={conversation.threadId}
                conversation={conversation}
                isCurrent={conversation.threadId === threadId}
                onOpen={onOpen}
                onRename={(title) => void list.rename(conversation.threadId, title)}
                onPin={(pinned) => void list.pin(conversation.threadId, pinned)}
                onRemove={() => onRemove(conversation.threadId)}
              />
            ))}
          </ul>
        </section>
      ))}
      {more !== 'none' && <More state={more} onMore={() => void list.loadMore()} />}
    </>
  );
}

/** Fetches the next page as the end of the list comes near; the button is for whoever gets there otherwise. */
function More({ state, onMore }: { state: 'some' | 'loading' | 'failed'; onMore: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || state !== 'some') return;
    return whenNear(end.current, onMore, { rootMargin: '200px' });
  }, [state, onMore]);
  return (
    <div ref={end} className="more">
      <button type="button" className="link-button" disabled={state === 'loading'} onClick={onMore}>
        {state === 'failed' ? 'Could not load more. Try again' : 'Earlier conversations'}
      </button>
    </div>
  );
}

function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Loading your conversations">
      {[70, 88, 62, 79].map((width) => (
        <span key={width} className={`bone w${width}`} />
      ))}
    </div>
  );
}
