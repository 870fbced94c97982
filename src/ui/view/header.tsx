import type { ReactNode } from 'react';
import type { SnapshotFrom } from 'xstate';
import type { connectionMachine } from '../connection.machine.ts';
import { keysLine } from '../palette/keycaps.tsx';
import { ariaKeys } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { ConnectionState } from './connection-state.tsx';
import type { FilesState } from './use-files.ts';
import type { SidebarState } from './use-sidebar.ts';

interface HeaderProps {
  connection: SnapshotFrom<typeof connectionMachine>;
  sidebar: SidebarState;
  files: FilesState;
  onNewChat: () => void;
  onPalette: () => void;
  onRetry: () => void;
  onTrust: () => void;
  account: ReactNode;
}

export function Header(props: HeaderProps) {
  const { connection, sidebar, files, account, onNewChat, onPalette, onRetry, onTrust } = props;
  return (
    <header className="header">
      <button
        type="button"
        className="button quiet-button sidebar-button"
        aria-label={words.view.conversations}
        aria-expanded={sidebar.open}
        title={words.view.conversations}
        onClick={sidebar.toggle}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <rect x="2.5" y="3.5" width="15" height="13" rx="2.5" />
          <path d="M8 3.5v13" />
        </svg>
      </button>
      <h1 className="brand">
        <Mark />
        <span className="brand-words">Greenroom</span>
      </h1>
      <ConnectionState connection={connection} onRetry={onRetry} />
      <nav className="actions" aria-label={words.view.chat}>
        {!(sidebar.wide && sidebar.open) && (
          <button type="button" className="button new-chat-button" onClick={onNewChat}>
            <span aria-hidden="true">+ </span>
            <span className="new-chat-words">{words.view.newChat}</span>
          </button>
        )}
        <button
          type="button"
          className="button quiet-button icon-button"
          aria-label={words.trust.open}
          aria-haspopup="dialog"
          title={words.trust.open}
          onClick={onTrust}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M10 2.5 16 5v4.5c0 3.7-2.5 6.7-6 8-3.5-1.3-6-4.3-6-8V5z" />
            <path d="m7.5 10 1.8 1.8 3.4-3.6" />
          </svg>
        </button>
        <button
          type="button"
          className="button quiet-button icon-button"
          aria-label={words.palette.title}
          aria-keyshortcuts={ariaKeys('palette')}
          aria-haspopup="dialog"
          title={words.palette.open(keysLine('palette'))}
          onClick={onPalette}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="8.5" cy="8.5" r="5" />
            <path d="m12.5 12.5 4 4" />
          </svg>
        </button>
        <button
          ref={files.button}
          type="button"
          className="button quiet-button icon-button"
          aria-label={words.view.files}
          title={words.view.files}
          aria-expanded={files.open}
          onClick={files.toggle}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2.5 5.5a2 2 0 0 1 2-2h3l2 2.5h6a2 2 0 0 1 2 2v6.5a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2z" />
          </svg>
        </button>
        {sidebar.wide && account}
      </nav>
    </header>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 12.5A4.5 4.5 0 0 1 12.5 8h7a4.5 4.5 0 0 1 4.5 4.5v4a4.5 4.5 0 0 1-4.5 4.5H15l-4.2 3.4a.6.6 0 0 1-1-.47V20.2A4.5 4.5 0 0 1 8 16.5z" />
    </svg>
  );
}
