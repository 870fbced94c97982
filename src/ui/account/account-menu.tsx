import { type FormEvent, useId, useRef } from 'react';
import { AppChoices } from '../offline/app-choices.tsx';
import { words } from '../words/words.ts';
import { LanguageChoice, useFocusAfterChoice } from './language-choice.tsx';

interface AccountMenuProps {
  user: string;
  /** Whether the page for operators is theirs. */
  operator: boolean;
  onDevices: () => void;
  /** The form is about to be sent; a handler may prevent that and ask first. */
  onSignOut: (event: FormEvent) => void;
  onSignOutEverywhere: () => void;
}

const GAP_PX = 4;
const MARGIN_PX = 8;

/** Who is signed in, where else, and the ways out. */
export function AccountMenu(props: AccountMenuProps) {
  const { user, operator, onDevices, onSignOut, onSignOutEverywhere } = props;
  const said = words.account;
  const [before, after] = said.who;
  const id = useId();
  const button = useFocusAfterChoice();
  const menu = useRef<HTMLDivElement>(null);
  // Closed before anything else opens: so the focus is back at the button, and comes back there again.
  const choose = (act: () => void) => () => {
    menu.current?.hidePopover();
    act();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is the browser that closes the menu
    <div
      className="account"
      onKeyDown={(event) => {
        // It closes the menu, and must not stop the answer as well.
        const isOpen = menu.current?.matches(':popover-open');
        if (event.key === 'Escape' && isOpen) event.stopPropagation();
      }}
    >
      <button
        ref={button}
        type="button"
        className="button quiet-button account-button"
        popoverTarget={id}
        aria-label={said.button(user)}
        title={said.signedInAs(user)}
      >
        <span className="user">{user}</span>
        <svg className="account-mark" viewBox="0 0 12 12" aria-hidden="true">
          <path d="m3 4.5 3 3 3-3" />
        </svg>
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        className="menu account-menu"
        onToggle={() => place(menu.current, button.current)}
      >
        <p className="account-who">
          {before}
          <strong>{user}</strong>
          {after}
        </p>
        <button type="button" onClick={choose(onDevices)}>
          {said.devices}
        </button>
        {operator && <a href="ops/">{said.operators}</a>}
        <AppChoices onChosen={() => menu.current?.hidePopover()} />
        <LanguageChoice onChosen={() => menu.current?.hidePopover()} />
        <form method="post" action="logout" onSubmit={onSignOut}>
          <button type="submit" onClick={() => menu.current?.hidePopover()}>
            {said.signOut}
          </button>
        </form>
        <button type="button" className="danger" onClick={choose(onSignOutEverywhere)}>
          {said.signOutEverywhere}
        </button>
      </div>
    </div>
  );
}

/** Under its button where there is room, else over it; never over the edge of the page. */
function place(box: HTMLElement | null, anchor: HTMLElement | null): void {
  if (!box || !anchor) return;
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const isRoomBelow = bottom + GAP_PX + box.offsetHeight + MARGIN_PX <= innerHeight;
  const y = isRoomBelow ? bottom + GAP_PX : top - GAP_PX - box.offsetHeight;
  // Its end under the button's end, as it stands at the end of the header.
  const x = Math.max(MARGIN_PX, Math.min(right - box.offsetWidth, innerWidth - MARGIN_PX));
  box.style.translate = `${left < box.offsetWidth ? Math.max(MARGIN_PX, left) : x}px ${y}px`;
}
