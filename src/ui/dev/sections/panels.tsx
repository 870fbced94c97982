/** What opens beside the conversation or over it: sidebar, account, files. */
import { type ReactNode, useState } from 'react';
import type { FileView, FolderView } from '../../../transport/views.ts';
import { AccountMenu } from '../../account/account-menu.tsx';
import DevicesDialog from '../../account/devices-dialog.tsx';
import { LanguageChoice } from '../../account/language-choice.tsx';
import SignOutDialog from '../../account/sign-out-dialog.tsx';
import { Kept } from '../../chat/storage.ts';
import { FileList } from '../../files/file-list.tsx';
import FilesPanel from '../../files/files-panel.tsx';
import { Preview } from '../../files/preview.tsx';
import { type HistoryApi, historyApi } from '../../history/api.ts';
import { ConversationList } from '../../history/conversation-list.ts';
import { ConversationLists } from '../../history/conversation-lists.tsx';
import { Found } from '../../history/found.tsx';
import { Rename } from '../../history/rename.tsx';
import { Search } from '../../history/search.ts';
import { Seen } from '../../history/seen.ts';
import Sidebar from '../../history/sidebar.tsx';
import { UndoToast } from '../../history/undo-toast.tsx';
import { CONVERSATIONS } from '../answers.ts';
import { WithClient } from '../chat.tsx';
import { hoursFromNow } from '../fixtures.ts';
import { type Section, type State, state } from '../state.tsx';

const timers = { setTimeout: () => 0, clearTimeout: () => {} };

/** A browser that looked then for the last time. */
function seenUntil(since: number): Seen {
  const [seen, kept] = [new Seen(), new Kept(null, 'ada')];
  kept.set('seen', JSON.stringify({ since, at: {} }));
  seen.own(kept);
  return seen;
}

/** A list that was asked for, with an `api` that answers so. */
function listed(name: string, list: HistoryApi['list']): State {
  return state(name, () => {
    const made = new ConversationList({ api: { ...historyApi, list }, ...timers });
    void made.refresh();
    return (
      <ConversationLists
        list={made}
        seen={seenUntil(hoursFromNow(-3.5))}
        threadId="t2"
        onRemove={() => {}}
        onUndo={() => {}}
        onOpen={() => {}}
      />
    );
  });
}

/** The sidebar's toast, once its list has been through `prepare`. */
function Toast({ api = {}, prepare }: ToastProps) {
  const [list] = useState(() => {
    const remove = async () => {};
    const made = new ConversationList({ api: { ...historyApi, remove, ...api }, ...timers });
    void made.refresh().then(() => prepare(made));
    return made;
  });
  return (
    <div className="floating">
      <UndoToast list={list} onUndo={() => {}} />
    </div>
  );
}
interface ToastProps {
  api?: Partial<HistoryApi>;
  prepare: (list: ConversationList) => unknown;
}

/** The results of a search for “photos”, with an `api` that answers so. */
function sought(name: string, list: HistoryApi['list']): State {
  return state(name, () => {
    const search = new Search({
      api: { list },
      setTimeout: (ask) => ask(),
      clearTimeout: () => {},
    });
    search.type('photos');
    return (
      <WithClient>
        {(client) => (
          <Found
            client={client}
            search={search}
            threadId="t2"
            onOpen={() => {}}
            onLeave={() => {}}
          />
        )}
      </WithClient>
    );
  });
}

const never = () => new Promise<never>(() => {});
const broken = () => Promise.reject(new Error('The server cannot be reached just now.'));
const none = async () => ({ conversations: [], before: null });

export const sidebar: Section = {
  id: 'sidebar',
  title: 'Sidebar',
  states: [
    state(
      'Whole',
      () => (
        <WithClient>
          {(client) => (
            <Sidebar
              client={client}
              threadId="t2"
              wide={true}
              open={true}
              onClose={() => {}}
              onNewChat={() => {}}
              account={null}
            />
          )}
        </WithClient>
      ),
      'tall',
    ),
    listed('Rows', async () => ({ conversations: CONVERSATIONS, before: null })),
    state('Renaming', () => <Rename title="مراجعة الشيفرة" onDone={() => {}} />),
    listed('Loading', never),
    listed('Failed', broken),
    listed('Empty', none),
    sought('Found', historyApi.list),
    sought('Nothing found', none),
    sought('Searching', never),
    sought('Search failed', broken),
    state('Deleted', () => <Toast prepare={(list) => list.remove('t1')} />, 'tall'),
    state(
      'Not renamed',
      () => <Toast api={{ rename: broken }} prepare={(list) => list.rename('t1', 'Other')} />,
      'tall',
    ),
  ],
};

/** A dialog is the browser's own and covers the page: it comes when it is asked for. */
function Asked({ children }: { children: (close: () => void) => ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {isOpen && children(() => setOpen(false))}
    </>
  );
}

function signOut(name: string, everywhere: boolean, unsent: number): State {
  return state(name, () => (
    <Asked>
      {(close) => (
        <SignOutDialog
          user="ada"
          everywhere={everywhere}
          unsent={unsent}
          onLeave={close}
          onClose={close}
        />
      )}
    </Asked>
  ));
}

export const account: Section = {
  id: 'account',
  title: 'Account',
  states: [
    state('Menu', () => (
      <AccountMenu
        user="ada"
        operator={true}
        onDevices={() => {}}
        onSignOut={(event) => event.preventDefault()}
        onSignOutEverywhere={() => {}}
      />
    )),
    state('Language', () => <LanguageChoice onChosen={() => {}} />),
    state('Devices', () => (
      <Asked>
        {(close) => <DevicesDialog user="ada" onEverywhere={() => {}} onClose={close} />}
      </Asked>
    )),
    signOut('Sign out with unsent words', false, 2),
    signOut('Sign out everywhere', true, 0),
  ],
};

const FILE: FileView = {
  name: 'README.md',
  kind: 'file',
  bytes: 4_812,
  modifiedAt: hoursFromNow(-30),
};

function folder(name: string, entries: FileView[] | null, why: string | null = null): State {
  const view: FolderView | null = entries && {
    path: '',
    entries,
    truncated: false,
    usedBytes: 0,
    quotaBytes: null,
  };
  return state(name, () => (
    <FileList path="" view={view} why={why} onOpen={() => {}} onRetry={() => {}} />
  ));
}

export const files: Section = {
  id: 'files',
  title: 'Files',
  states: [
    state('Whole', () => <FilesPanel wide={true} turn="" onClose={() => {}} />, 'tall'),
    folder('A file', [FILE]),
    folder('Opening', null),
    folder('Empty', []),
    folder('Failed', null, 'The server cannot be reached just now.'),
    state('Preview', () => <Preview path="README.md" file={FILE} onBack={() => {}} />),
  ],
};
