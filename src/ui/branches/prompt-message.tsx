import { lazy, memo, Suspense, useRef, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import type { UserItem } from '../chat/thread.ts';
import { patiently } from '../patiently.ts';
import { CopyLink } from '../view/message-actions.tsx';
import { UserMessage } from '../view/user-message.tsx';
import { words } from '../words/words.ts';
import { BranchSteps } from './branch-steps.tsx';
import type { BranchMap } from './branches.ts';

const EditPrompt = lazy(patiently(() => import('./edit-prompt.tsx')));

/** The editor that had the focus is gone with its conversation; on a phone the box would raise the keyboard. */
function toBox() {
  if (matchMedia('(pointer: fine)').matches) document.getElementById('composer-text')?.focus();
}

interface PromptMessageProps {
  item: UserItem;
  /** Its turn has ended. */
  isOver: boolean;
  branches: BranchMap;
  client: ChatClient;
}

/** What a person said, and once its turn is over, the way to say it differently: in a branch of its own. */
export const PromptMessage = memo(function PromptMessage({
  item,
  isOver,
  branches,
  client,
}: PromptMessageProps) {
  const [isEditing, setEditing] = useState(false);
  const { runId } = item;
  const editButton = useRef<HTMLButtonElement>(null);
  const close = () => {
    setEditing(false);
    requestAnimationFrame(() => editButton.current?.focus()); // once it is there again
  };
  if (isEditing && runId !== null)
    return (
      <Suspense fallback={<UserMessage id={item.id} prompt={item} />}>
        <EditPrompt item={item} runId={runId} client={client} onClose={close} onSent={toBox} />
      </Suspense>
    );
  const siblings = runId === null ? undefined : branches.get(runId);
  return (
    <UserMessage id={item.id} prompt={item}>
      {siblings && <BranchSteps siblings={siblings} />}
      <span className="message-actions">
        {isOver && runId !== null && (
          <button
            ref={editButton}
            type="button"
            className="link-button"
            onClick={() => setEditing(true)}
          >
            {words.branches.edit}
          </button>
        )}
        <CopyLink messageId={item.id} />
      </span>
    </UserMessage>
  );
});
