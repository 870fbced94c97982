import { useSyncExternalStore } from 'react';
import { words } from '../words/words.ts';
import type { ConversationList } from './conversation-list.ts';

/** A moment to think again; and what went wrong, where something did. */
export function UndoToast({ list, onUndo }: { list: ConversationList; onUndo: () => void }) {
  const { removed, problem } = useSyncExternalStore(list.subscribe, list.view);
  const said = words.history;
  return (
    <div className="toasts" role="status">
      {problem !== null && (
        <p className="toast">
          <span className="toast-words">{problem}</span>
          <button type="button" className="link-button" onClick={() => list.dismissProblem()}>
            {said.dismiss}
          </button>
        </p>
      )}
      {removed && (
        <p className="toast" key={removed.threadId}>
          <span className="toast-words">{said.deleted(said.quoted(removed.title))}</span>
          <button type="button" className="link-button" onClick={onUndo}>
            {said.undo}
          </button>
          <span className="toast-time" aria-hidden="true" />
        </p>
      )}
    </div>
  );
}
