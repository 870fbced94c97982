import { useSelector } from '@xstate/react';
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';
import { historyApi } from '../history/api.ts';
import { reveal } from '../history/reveal.ts';
import { Search, type SearchView } from '../history/search.ts';
import type { SidebarHands } from '../history/sidebar.tsx';
import { pressed } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { commandsNow, type PageActs } from './commands.ts';
import { type Option, optionsFor } from './options.ts';
import { PaletteBox } from './palette-box.tsx';
import { type NoteState, PaletteNote } from './palette-note.tsx';
import { TitleBox } from './title-box.tsx';
import { useConversations } from './use-conversations.ts';

export interface PaletteProps {
  client: ChatClient;
  /** Null until the sidebar is there, which knows the conversations. */
  hands: RefObject<SidebarHands | null>;
  page: PageActs;
  onClose: () => void;
}

const timers = {
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (id: unknown) => clearTimeout(id as number),
};

/** Everything by its name: conversations, what was said in them, and what can be done now. */
export function Palette({ client, hands, page, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const view = useSyncExternalStore(client.store.subscribe, client.store.view);
  const isLive = useSelector(client.connection, (it) => it.matches({ attached: 'live' }));
  const [query, setQuery] = useState('');
  const [activeId, setActive] = useState<string | null>(null);
  const [isNaming, setNaming] = useState(false);
  const search = useSearch(query, isLive);
  const { list, conversations, current } = useConversations(hands, view, isLive);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  // The focus is back where it was before anything else is done: that may want it elsewhere. The dialog's own `close`
  // comes so much later that another palette may be open by then.
  const isLeft = useRef(false);
  const leave = () => {
    isLeft.current = true;
    dialog.current?.close();
    onClose();
  };
  const offers = commandsNow({
    client,
    view,
    isLive,
    conversation: current,
    list,
    remove: (threadId) => hands.current?.remove(threadId),
    page,
    askTitle: () => setNaming(true),
  });
  const groups = optionsFor({
    query,
    conversations,
    currentId: view.threadId,
    offers,
    search: search.view,
  });
  const choose = (option: Option) => {
    if (option.kind !== 'command' || option.offer.key !== 'rename') leave();
    if (option.kind === 'command') return option.offer.run();
    const { threadId } = option.conversation;
    if (option.kind === 'match') return void reveal(client, threadId, option.match.messageId);
    location.hash = hashOf(threadId);
  };
  const count = groups.reduce((sum, group) => sum + group.options.length, 0);

  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label={words.palette.title}
      onCancel={leave}
      onClose={() => !isLeft.current && onClose()}
      onMouseDown={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault(); // the focus goes back where it was, not where the mouse is
        leave();
      }}
      onKeyDown={(event) => {
        // Escape belongs to the palette, and must not stop an answer as well.
        if (event.key === 'Escape') event.stopPropagation();
        if (!pressed(event, 'palette')) return;
        event.preventDefault();
        event.stopPropagation();
        leave();
      }}
    >
      {isNaming && current ? (
        <TitleBox
          title={current.title}
          onClose={leave}
          onRename={(title) => {
            leave();
            void list?.rename(current.threadId, title);
          }}
        />
      ) : (
        <PaletteBox
          query={query}
          groups={groups}
          activeId={activeId}
          note={
            query.trim() !== '' && (
              <PaletteNote
                state={stateOf(search.view, isLive)}
                query={query.trim()}
                count={count}
                onRetry={search.retry}
              />
            )
          }
          onQuery={(typed) => {
            setQuery(typed);
            setActive(null);
          }}
          onActive={setActive}
          onChoose={choose}
          onClose={leave}
        />
      )}
    </dialog>
  );
}

/** What the server finds for a query; nothing is asked while it is away, and again once it is back. */
function useSearch(query: string, isLive: boolean) {
  const [search] = useState(() => new Search({ api: historyApi, ...timers }));
  const view = useSyncExternalStore(search.subscribe, search.view);
  useEffect(() => search.type(isLive ? query : ''), [search, query, isLive]);
  useEffect(() => () => search.type(''), [search]);
  return { view, retry: () => search.type(query) };
}

function stateOf({ state }: SearchView, isLive: boolean): NoteState {
  if (!isLive) return 'offline';
  return state === 'failed' || state === 'found' ? state : 'searching';
}
