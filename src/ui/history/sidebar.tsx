import {
  type RefObject,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';
import { words } from '../words/words.ts';
import { historyApi } from './api.ts';
import { AskingAnnouncer } from './asking-announcer.tsx';
import { ConversationList } from './conversation-list.ts';
import { ConversationLists } from './conversation-lists.tsx';
import { Found } from './found.tsx';
import { Search } from './search.ts';
import type { Seen } from './seen.ts';
import { UndoToast } from './undo-toast.tsx';
import { useSeen } from './use-seen.ts';

export interface SidebarProps {
  client: ChatClient;
  threadId: string | null;
  /** A column beside the conversation; else a drawer over it. */
  wide: boolean;
  open: boolean;
  onClose: () => void;
  onNewChat: () => void;
  /** Who is signed in; in a drawer it is here that there is room for it. */
  account: React.ReactNode;
  hands?: RefObject<SidebarHands | null>;
}

/** What other parts of the page may do with the conversations. */
export interface SidebarHands {
  readonly list: ConversationList;
  /** Deletes one, to be had back for a moment. */
  readonly remove: (threadId: string) => void;
}

const timers = {
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (id: unknown) => clearTimeout(id as number),
};

/** All conversations: a column where there is room for one, else a drawer. */
export default function Sidebar(props: SidebarProps) {
  const { client, threadId, wide, open, onClose } = props;
  const [list] = useState(() => new ConversationList({ api: historyApi, ...timers }));
  const [search] = useState(() => new Search({ api: historyApi, ...timers }));
  const seen = useSeen(client, list, threadId);
  useFeed(client, list);

  const left = useRef<string | null>(null);
  const remove = (removed: string) => {
    left.current = removed === threadId ? removed : null;
    if (left.current) client.newChat();
    void list.remove(removed);
  };
  useImperativeHandle(props.hands, () => ({ list, remove }));
  const undo = async () => {
    const removed = list.view().removed?.threadId ?? '';
    if (!(await list.undo())) return;
    if (left.current) location.hash = hashOf(left.current);
    // Its button is gone; whoever goes by keys goes on at what is back.
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`[data-stop="${CSS.escape(removed)}"]`)?.focus(),
    );
  };
  const toast = <UndoToast list={list} onUndo={() => void undo()} />;
  const panel = (
    <Panel {...props} {...{ list, search, seen, toast }} onRemove={remove} onUndo={undo} />
  );

  const announcer = <AskingAnnouncer list={list} shown={threadId} />;

  if (wide)
    return (
      <>
        {open ? (
          <div className="sidebar" id="sidebar">
            {panel}
          </div>
        ) : (
          <div className="floating">{toast}</div>
        )}
        {announcer}
      </>
    );
  return (
    <>
      <Drawer open={open} onClose={onClose}>
        {panel}
      </Drawer>
      {!open && <div className="floating">{toast}</div>}
      {announcer}
    </>
  );
}

/** The browser's own modal dialog: it keeps the focus, closes on Escape and gives the focus back. */
function Drawer(props: { open: boolean; onClose: () => void; children: React.ReactNode }) {
  const { open, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (open && element && !element.open) element.showModal();
    if (!open && element?.open) element.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      className="drawer"
      id="sidebar"
      aria-label={words.history.conversations}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {open && <div className="sidebar">{children}</div>}
    </dialog>
  );
}

interface PanelProps extends SidebarProps {
  list: ConversationList;
  search: Search;
  seen: Seen;
  onRemove: (threadId: string) => void;
  onUndo: () => void;
  toast: React.ReactNode;
}

function Panel({ client, threadId, wide, account, list, search, seen, toast, ...on }: PanelProps) {
  const { query, state } = useSyncExternalStore(search.subscribe, search.view);
  const box = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLElement>(null);
  const said = words.history;
  const toList = () =>
    body.current?.querySelector<HTMLElement>('[data-stop][tabindex="0"]')?.focus();
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      toList();
    }
    if (event.key !== 'Escape') return;
    if (query !== '') {
      event.preventDefault(); // it empties the box; a second one leaves it, or closes the drawer
      search.type('');
    } else if (wide) toList();
  };
  const close = () => {
    if (!wide) on.onClose();
  };
  return (
    <>
      <div className="sidebar-head">
        <button
          type="button"
          className="button new-chat"
          onClick={() => {
            on.onNewChat();
            close();
          }}
        >
          <span aria-hidden="true">+ </span>
          {said.newChat}
        </button>
        {!wide && (
          <button type="button" className="button quiet-button" onClick={on.onClose}>
            {said.close}
          </button>
        )}
        <search className="search">
          <input
            ref={box}
            type="search"
            dir="auto"
            aria-label={said.search}
            placeholder={said.searchPlaceholder}
            autoComplete="off"
            maxLength={200}
            value={query}
            onChange={({ target }) => search.type(target.value)}
            onKeyDown={onKeyDown}
          />
        </search>
      </div>
      <nav ref={body} className="sidebar-body" aria-label={said.conversations}>
        {state === 'off' ? (
          <ConversationLists
            list={list}
            seen={seen}
            threadId={threadId}
            onRemove={on.onRemove}
            onUndo={on.onUndo}
            onOpen={close}
          />
        ) : (
          <Found
            client={client}
            search={search}
            threadId={threadId}
            onOpen={close}
            onLeave={() => {
              search.type('');
              box.current?.focus();
            }}
          />
        )}
      </nav>
      {toast}
      {!wide && account}
    </>
  );
}

/** Keeps the list in step with the server, and this page off a conversation that is gone. */
function useFeed(client: ChatClient, list: ConversationList): void {
  useEffect(() => {
    void list.refresh();
    return client.listen((frame) => {
      const isGone = frame.type === 'conversation' && frame.conversation === null;
      const { threadId, runs } = client.store.view();
      // One whose only message was taken back was never begun: its page is as good as a new one.
      const isOpen = frame.type === 'conversation' && frame.threadId === threadId;
      if (isGone && isOpen && runs.length > 0 && list.get(frame.threadId)) {
        client.newChat();
        client.store.notice('deleted', words.history.deletedElsewhere);
      }
      list.receive(frame);
    });
  }, [client, list]);
}
