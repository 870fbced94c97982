import { useState } from 'react';
import { words } from '../words/words.ts';
import { Dialog } from './dialog.tsx';

interface SignOutDialogProps {
  user: string;
  everywhere: boolean;
  /** Messages written in this browser that are not sent. */
  unsent: number;
  /** The form is being sent. */
  onLeave: (forget: boolean) => void;
  onClose: () => void;
}

/** Asks once: before all of a user's sign-ins end, and where words that are not sent would be left behind. */
export default function SignOutDialog(props: SignOutDialogProps) {
  const { user, everywhere, unsent, onLeave, onClose } = props;
  const [forget, setForget] = useState(false);
  const said = words.account;
  const [before, after] = said.everywhereMeans;
  return (
    <Dialog
      title={everywhere ? said.askEverywhere : said.askSignOut}
      className="sign-out-dialog"
      onClose={onClose}
    >
      <form
        method="post"
        action={everywhere ? 'logout?everywhere' : 'logout'}
        onSubmit={() => onLeave(forget)}
      >
        {everywhere && (
          <p>
            {before}
            <strong>{user}</strong>
            {after}
          </p>
        )}
        {unsent > 0 && (
          <>
            <p>{said.unsent(unsent)}</p>
            <label className="check">
              <input
                type="checkbox"
                checked={forget}
                onChange={({ target }) => setForget(target.checked)}
              />
              <span>{said.forget(unsent)}</span>
            </label>
          </>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {said.cancel}
          </button>
          <button type="submit" className={everywhere ? 'button danger-button' : 'button primary'}>
            {everywhere ? said.everywhere : said.signOut}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
