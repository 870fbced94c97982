import { useId, useRef } from 'react';
import type { ConversationView } from '../../transport/views.ts';
import { askToShare } from '../share/share-request.ts';
import { words } from '../words/words.ts';
import { exportUrl } from './api.ts';

const FORMATS = [
  ['md', 'Markdown'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
] as const;

interface ConversationMenuProps {
  conversation: ConversationView;
  /** Whether Tab leads to its button. */
  isStop: boolean;
  onRename: () => void;
  onPin: (pinned: boolean) => void;
  onRemove: () => void;
}

/** A popover, so that it is never cut off by the list, and closes on Escape and on a click elsewhere. */
export function ConversationMenu(props: ConversationMenuProps) {
  const { conversation, isStop, onRename, onPin, onRemove } = props;
  const { threadId, title, pinned } = conversation;
  const said = words.history;
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
        tabIndex={isStop ? 0 : -1}
        aria-label={said.moreFor(title)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      <div ref={menu} id={id} popover="auto" className="menu" onToggle={place}>
        <button type="button" onClick={choose(onRename)}>
          {said.rename}
        </button>
        <button type="button" onClick={choose(() => onPin(!pinned))}>
          {pinned ? said.unpin : said.pin}
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
            {said.exportAs(name)}
          </a>
        ))}
        <button type="button" className="danger" onClick={choose(onRemove)}>
          {said.delete}
        </button>
      </div>
    </>
  );
}
