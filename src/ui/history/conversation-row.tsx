import { useEffect, useRef, useState } from 'react';
import type { ConversationView } from '../../transport/views.ts';
import { hashOf } from '../chat/route.ts';
import { words } from '../words/words.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import type { Mark } from './marks.ts';
import { Rename } from './rename.tsx';

interface ConversationRowProps {
  conversation: ConversationView;
  mark: Mark | null;
  isCurrent: boolean;
  /** What makes its link one of the list's stops; Tab leads to one of them alone. */
  stop: { 'data-stop': string; tabIndex: number; onFocus: () => void };
  onOpen: () => void;
  onRename: (title: string) => void;
  onPin: (pinned: boolean) => void;
  onRemove: () => void;
}

/** One conversation: a link that can be opened anywhere, and what can be done with it. */
export function ConversationRow(props: ConversationRowProps) {
  const { conversation, mark, isCurrent, stop, onOpen, onRename, onPin, onRemove } = props;
  const [isRenaming, setRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const wantsFocus = useRef(false);
  useEffect(() => {
    if (isRenaming || !wantsFocus.current) return;
    wantsFocus.current = false;
    link.current?.focus();
  }, [isRenaming]);
  const { threadId, title } = conversation;
  if (isRenaming)
    return (
      <li className="conversation-row">
        <Rename
          title={title}
          onDone={(renamed, byKey) => {
            wantsFocus.current = byKey;
            setRenaming(false);
            if (renamed !== null) onRename(renamed);
          }}
        />
      </li>
    );
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== 'F2' && event.key !== 'Delete') return;
    event.preventDefault();
    if (event.key === 'F2') setRenaming(true);
    else onRemove();
  };
  return (
    <li className={isCurrent ? 'conversation-row current' : 'conversation-row'}>
      <a
        {...stop}
        ref={link}
        href={hashOf(threadId)}
        aria-current={isCurrent ? 'page' : undefined}
        aria-keyshortcuts="F2 Delete"
        title={title}
        onClick={onOpen}
        onKeyDown={onKeyDown}
      >
        <span className={mark === 'unread' ? 'row-title unread' : 'row-title'} dir="auto">
          {title}
        </span>
        {mark && <RowMark mark={mark} />}
      </a>
      <ConversationMenu
        conversation={conversation}
        isStop={stop.tabIndex === 0}
        onRename={() => setRenaming(true)}
        onPin={onPin}
        onRemove={onRemove}
      />
    </li>
  );
}

/** Each has a shape of its own: a ring that is open, an exclamation mark, a spot. */
function RowMark({ mark }: { mark: Mark }) {
  const said = words.history[mark];
  return (
    <span className={`row-mark ${mark}`} title={said}>
      {mark === 'asking' && <span aria-hidden="true">!</span>}
      <span className="hidden"> ({said})</span>
    </span>
  );
}
