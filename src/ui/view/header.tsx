import type { SnapshotFrom } from 'xstate';
import type { Welcome } from '../chat/chat-view.ts';
import type { connectionMachine } from '../connection.machine.ts';
import { ConnectionState } from './connection-state.tsx';

interface HeaderProps {
  connection: SnapshotFrom<typeof connectionMachine>;
  welcome: Welcome | null;
  onNewChat: () => void;
  onRetry: () => void;
  onSignOut: () => void;
}

export function Header({ connection, welcome, onNewChat, onRetry, onSignOut }: HeaderProps) {
  return (
    <header className="header">
      <h1 className="brand">
        <Mark />
        Greenroom
      </h1>
      <ConnectionState connection={connection} onRetry={onRetry} />
      <nav className="actions" aria-label="Chat">
        <button type="button" className="button" onClick={onNewChat}>
          <span aria-hidden="true">+ </span>New chat
        </button>
        {welcome && (
          <form method="post" action="/chat/logout" onSubmit={onSignOut} className="account">
            <span className="user" title={`Signed in as ${welcome.user}`}>
              {welcome.user}
            </span>
            <button type="submit" className="button quiet-button">
              Sign out
            </button>
          </form>
        )}
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
