import { useSelector } from '@xstate/react';
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { SignedOutNotice } from './account/signed-out-notice.tsx';
import { useAccount } from './account/use-account.tsx';
import { usePageSigns } from './app-shell/use-page-signs.ts';
import type { ChatClient } from './chat/client.ts';
import type { Run } from './chat/thread.ts';
import type { SidebarHands } from './history/sidebar.tsx';
import { LimitAnnouncer } from './limits/limit-announcer.tsx';
import { UpdateNotice } from './offline/update-notice.tsx';
import { useNews } from './offline/use-news.ts';
import { PaletteHost } from './palette/palette-host.tsx';
import { usePalette } from './palette/use-palette.ts';
import { patiently } from './patiently.ts';
import { ShareHost } from './share/share-host.tsx';
import { AgentBanner } from './view/agent-banner.tsx';
import { Announcer } from './view/announcer.tsx';
import { Composer } from './view/composer.tsx';
import { Conversation } from './view/conversation.tsx';
import { EmptyState } from './view/empty-state.tsx';
import { Header } from './view/header.tsx';
import { NewBelow } from './view/new-below.tsx';
import { Notices } from './view/notices.tsx';
import { useStickToBottom } from './view/scroll.ts';
import { type FilesState, useFiles } from './view/use-files.ts';
import { type SidebarState, useSidebar } from './view/use-sidebar.ts';
import { words } from './words/words.ts';

/** Not needed to read or write: it comes when the conversation is there. */
const Sidebar = lazy(patiently(() => import('./history/sidebar.tsx')));
const TrustDialog = lazy(patiently(() => import('./trust/trust-dialog.tsx')));
const FilesPanel = lazy(patiently(() => import('./files/files-panel.tsx')));

/** The chat page: a header, the conversation that scrolls, and the composer that stays. */
export function App({ client }: { client: ChatClient }) {
  const view = useSyncExternalStore(client.store.subscribe, client.store.view);
  const connection = useSelector(client.connection, (snapshot) => snapshot);
  const composer = useRef<HTMLTextAreaElement>(null);
  const { scroller, content, atBottom, toBottom } = useStickToBottom();

  usePageSigns(client, view);
  useNews(client);

  const [isTrustOpen, setTrustOpen] = useState(false);
  const sidebar = useSidebar();
  const files = useFiles();
  const palette = usePalette();
  const hands = useRef<SidebarHands>(null);
  const isLive = connection.matches({ attached: 'live' });
  const isSignedOut = connection.matches('signedOut');
  const isEmpty = view.runs.length + view.sending.length + view.pending.length === 0;

  // A page someone just opened on a desk: the box is ready to type in. On a phone that would raise the keyboard.
  useEffect(() => {
    if (hasKeyboard() && document.activeElement === document.body) composer.current?.focus();
  }, []);
  // The focus may be there before the connection is. Only once: not when many tabs reconnect.
  const wasLive = useRef(false);
  useEffect(() => {
    if (!isLive || wasLive.current) return;
    wasLive.current = true;
    if (document.activeElement === composer.current) client.warm();
  }, [isLive, client]);

  // What lies over the page would hide that the sign-in has ended; what is opened after that was asked for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as it ends
  useEffect(() => {
    if (!isSignedOut) return;
    sidebar.close();
    if (files.open && !files.wide) files.close();
  }, [isSignedOut]);

  const start = (text: string) => {
    client.draft.set(text);
    composer.current?.focus();
  };
  const takeBack = (runId: string) => {
    if (client.takeBack(runId) && hasKeyboard()) composer.current?.focus();
  };
  const edit = (runId: string) => {
    const prompt = client.takeBack(runId);
    const box = composer.current;
    if (!prompt || !box) return;
    box.focus();
    // Behind its words, before whatever was typed since; once they are there.
    const end = prompt.text.length;
    requestAnimationFrame(() => box.setSelectionRange(end, end));
  };
  const newChat = () => {
    client.newChat();
    composer.current?.focus();
  };

  const { user = null, operator = false } = view.welcome ?? {};
  const account = useAccount(client, isSignedOut ? null : user, operator);

  return (
    <div className={shellClass(sidebar, files)}>
      <Suspense fallback={null}>
        <Sidebar
          client={client}
          threadId={view.threadId}
          wide={sidebar.wide}
          open={sidebar.open}
          onClose={sidebar.close}
          onNewChat={newChat}
          account={account.menu}
          hands={hands}
        />
      </Suspense>
      <div className="page">
        <button type="button" className="skip" onClick={() => composer.current?.focus()}>
          {words.compose.skipToBox}
        </button>
        <Header
          connection={connection}
          sidebar={sidebar}
          files={files}
          onNewChat={newChat}
          onPalette={palette.open}
          onRetry={() => client.retry()}
          onTrust={() => setTrustOpen(true)}
          account={account.menu}
        />
        <AgentBanner agent={view.welcome?.agent ?? null} />
        <main className="scroller" ref={scroller}>
          <div className="column" ref={content}>
            {isEmpty && view.loaded && <EmptyState client={client} view={view} onPick={start} />}
            {isEmpty && !view.loaded && <p className="quiet loading">{words.thread.opening}</p>}
            <Conversation
              view={view}
              isLive={isLive}
              client={client}
              onEdit={edit}
              onTakeBack={takeBack}
            />
          </div>
        </main>
        <section className="dock" aria-label={words.compose.area}>
          <NewBelow atBottom={atBottom} runs={view.runs} onClick={toBottom} />
          <div className="column">
            {isSignedOut && (
              <SignedOutNotice onSignIn={() => client.unsent?.keepPlace(location.hash)} />
            )}
            <UpdateNotice />
            <Notices view={view} store={client.store} />
            <Composer
              ref={composer}
              client={client}
              view={view}
              onSend={() => {
                if (client.sendDraft()) toBottom();
              }}
            />
          </div>
        </section>
        <Announcer runs={view.runs} />
        <LimitAnnouncer view={view} />
      </div>
      {account.dialogs}
      <ShareHost />
      {isTrustOpen && (
        <Suspense fallback={null}>
          <TrustDialog client={client} onClose={() => setTrustOpen(false)} />
        </Suspense>
      )}
      <PaletteHost
        palette={palette}
        client={client}
        isLive={isLive}
        hands={hands}
        page={{
          newChat,
          filesOpen: files.open,
          toggleFiles: files.toggle,
          signOut: account.signOut,
          showTrust: () => setTrustOpen(true),
          showHelp: palette.openHelp,
        }}
      />
      {files.open && (
        <Suspense fallback={null}>
          <FilesPanel wide={files.wide} turn={turnOf(view.runs)} onClose={files.close} />
        </Suspense>
      )}
    </div>
  );
}

function hasKeyboard(): boolean {
  return matchMedia('(pointer: fine)').matches;
}

function shellClass(sidebar: SidebarState, files: FilesState): string {
  return [
    'shell',
    ...(sidebar.wide && sidebar.open ? ['with-sidebar'] : []),
    ...(files.wide && files.open ? ['with-files'] : []),
  ].join(' ');
}

/** Changes when a run begins or ends. */
function turnOf(runs: readonly Run[]): string {
  const last = runs.at(-1);
  return last ? `${last.id} ${last.state}` : '';
}
