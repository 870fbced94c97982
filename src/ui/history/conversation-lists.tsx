import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useNow } from '../view/clock.ts';
import { whenNear } from '../view/when-near.ts';
import { words } from '../words/words.ts';
import type { ConversationList } from './conversation-list.ts';
import { ConversationRow } from './conversation-row.tsx';
import { groupByDay } from './day-groups.ts';
import { markOf } from './marks.ts';
import { neighbourOf, useRoving } from './roving.ts';
import type { Seen } from './seen.ts';

interface ConversationListsProps {
  list: ConversationList;
  seen: Seen;
  threadId: string | null;
  onRemove: (threadId: string) => void;
  onUndo: () => void;
  onOpen: () => void;
}

/** Every conversation, in lists by the day it was last used; one stop of the Tab key, moved by arrow keys. */
export function ConversationLists(props: ConversationListsProps) {
  const { list, seen, threadId, onRemove, onUndo, onOpen } = props;
  const { state, conversations, more, removed } = useSyncExternalStore(list.subscribe, list.view);
  useSyncExternalStore(seen.subscribe, seen.version);
  const today = new Date(useNow(60_000)).setHours(12, 0, 0, 0); // groups change at midnight alone
  const ids = conversations.map((known) => known.threadId);
  const roving = useRoving(ids, threadId);
  if (state === 'loading') return <Skeleton />;
  if (state === 'failed')
    return (
      <p className="sidebar-note" role="status">
        {words.history.loadFailed}{' '}
        <button type="button" className="link-button" onClick={() => void list.refresh()}>
          {words.history.tryAgain}
        </button>
      </p>
    );
  if (conversations.length === 0) return <p className="sidebar-note">{words.history.empty}</p>;

  /** The row is made anew, or is gone, by the next frame; whoever goes by keys goes on at `id`. */
  const focusThen = (id: string | null) => requestAnimationFrame(() => roving.focus(id));
  const remove = (id: string) => {
    onRemove(id);
    focusThen(neighbourOf(ids, id));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    roving.onKeyDown(event);
    const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey);
    if (!isUndo || event.shiftKey || !removed || !isLink(event.target)) return;
    event.preventDefault();
    onUndo();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the links in it, heard once
    <div ref={roving.root} onKeyDown={onKeyDown}>
      {groupByDay(conversations, today).map(({ label, items }) => (
        <section key={label} aria-label={label}>
          <h2 className="day">{label}</h2>
          <ul className="conversations">
            {items.map((conversation) => (
              <ConversationRow
                key={conversation.threadId}
                conversation={conversation}
                mark={markOf(conversation, seen.isUnread)}
                isCurrent={conversation.threadId === threadId}
                stop={roving.stopProps(conversation.threadId)}
                onOpen={onOpen}
                onRename={(title) => void list.rename(conversation.threadId, title)}
                onPin={(pinned) => {
                  void list.pin(conversation.threadId, pinned);
                  focusThen(conversation.threadId);
                }}
                onRemove={() => remove(conversation.threadId)}
              />
            ))}
          </ul>
        </section>
      ))}
      {more !== 'none' && <More state={more} onMore={() => void list.loadMore()} />}
    </div>
  );
}

/** Not a box that is typed in: it has an undo of its own. */
function isLink(target: EventTarget): boolean {
  return target instanceof HTMLAnchorElement;
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
        {state === 'failed' ? words.history.earlierFailed : words.history.earlier}
      </button>
    </div>
  );
}

function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label={words.history.loading}>
      {[70, 88, 62, 79].map((width) => (
        <span key={width} className={`bone w${width}`} />
      ))}
    </div>
  );
}
