import { useId, useRef, useState } from 'react';
import type { ConversationView } from '../../transport/views.ts';
import { hashOf } from '../chat/route.ts';
import { askToShare } from '../share/share-request.ts';
import { words } from '../words/words.ts';
import { exportUrl } from './api.ts';

const TITLE_MAX = 200;
const FORMATS = [
  ['md', 'Markdown'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
] as const;

interface ConversationRowProps {
  conversation: ConversationView;
  isCurrent: boolean;
  onOpen: () => void;
  onRename: (title: string) => void;
  onPin: (pinned: boolean) => void;
  onRemove: () => void;
}

/** One conversation: a link that can be opened anywhere, and what can be done with it. */
export function ConversationRow(props: ConversationRowProps) {
  const { conversation, isCurrent, onOpen, onRename, onPin, onRemove } = props;
  const [isRenaming, setRenaming] = useState(false);
  const { threadId, title } = conversation;
  if (isRenaming)
    return (
      <li className="conversation-row">
        <Rename
          title={title}
          onDone={(renamed) => {
            setRenaming(false);
            if (renamed !== null) onRename(renamed);
          }}
        />
      </li>
    );
  return (
    <li className={isCurrent ? 'conversation-row current' : 'conversation-row'}>
      <a
        href={hashOf(threadId)}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onClick={onOpen}
      >
        <span className="row-title">{title}</span>
        <ActivityMark activity={conversation.activity} />
      </a>
      <Menu
        conversation={conversation}
        onRename={() => setRenaming(true)}
        onPin={onPin}
        onRemove={onRemove}
      />
    </li>
  );
}

function ActivityMark({ activity }: { activity: ConversationView['activity'] }) {
  if (activity === null) return null;
  const said = activity === 'running' ? 'Claude is working' : 'Claude needs your answer';
  return (
    <span className={`row-mark ${activity}`} title={said}>
      <span className="hidden">, {said}</span>
    </span>
  );
}

function Rename({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const done = useRef(false);
  const finish = (renamed: string | null) => {
    if (done.current) return; // Enter takes the focus away, too
    done.current = true;
    onDone(renamed === null || renamed.trim() === '' ? null : renamed.trim());
  };
  return (
    <input
      className="rename"
      aria-label="New title"
      defaultValue={title}
      maxLength={TITLE_MAX}
      ref={focus}
      onFocus={({ target }) => target.select()}
      onBlur={({ target }) => finish(target.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(event.currentTarget.value);
        if (event.key !== 'Escape') return;
        event.preventDefault(); // the drawer stays
        finish(null);
      }}
    />
  );
}

/** A browser heeds `autofocus` once a page; the user asks to type here any number of times. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}

interface MenuProps {
  conversation: ConversationView;
  onRename: () => void;
  onPin: (pinned: boolean) => void;
  onRemove: () => void;
}

/** A popover, so that it is never cut off by the list, and closes on Escape and on a click elsewhere. */
function Menu({ conversation: { threadId, title, pinned }, onRename, onPin, onRemove }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const place = () => {
    const [anchor, popover] = [button.current?.getBoundingClientRect(), menu.current];
    if (!anchor || !popover) return;
    const top = Math.min(anchor.bottom, innerHeight - popover.offsetHeight - 8);
    const left = Math.min(anchor.left, innerWidth - popover.offsetWidth - 8);
    popover.style.translate = `${left}px ${top}px`;
  };
  const choose = (act: () => void) => () => {
    menu.current?.hidePopover();
    act();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="row-more"
        popoverTarget={id}
        aria-label={`More for “${title}”`}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      <div ref={menu} id={id} popover="auto" className="menu" onToggle={place}>
        <button type="button" onClick={choose(onRename)}>
          Rename
        </button>
        <button type="button" onClick={choose(() => onPin(!pinned))}>
          {pinned ? words.history.unpin : words.history.pin}
        </button>
        <button type="button" onClick={choose(() => askToShare({ threadId, title }))}>
          {words.share.menu}
        </button>
        {FORMATS.map(([format, name]) => (
          <a
            key={format}
            href={exportUrl(threadId, format)}
            download
            onClick={() => menu.current?.hidePopover()}
          >
            Export as {name}
          </a>
        ))}
        <button type="button" className="danger" onClick={choose(onRemove)}>
          Delete
        </button>
      </div>
    </>
  );
}
