import { useSyncExternalStore } from 'react';
import type { ConversationList } from './conversation-list.ts';

/** A moment to think again; and what went wrong, where something did. */
export function UndoToast({ list, onUndo }: { list: ConversationList; onUndo: () => void }) {
  const { removed, problem } = useSyncExternalStore(list.subscribe, list.view);
  return (
    <div className="toasts" role="status">
      {problem !== null && (
        <p className="toast">
          <span className="toast-words">{problem}</span>
          <button type="button" className="link-button" onClick={() => list.dismissProblem()}>
            Dismiss
          </button>
        </p>
      )}
      {removed && (
        <p className="toast" key={removed.threadId}>
          <span className="toast-words">“{removed.title}” was deleted.</span>
          <button type="button" className="link-button" onClick={onUndo}>
            Undo
          </button>
          <span className="toast-time" aria-hidden="true" />
        </p>
      )}
    </div>
  );
}
