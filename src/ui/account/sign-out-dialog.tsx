import { useState } from 'react';
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
  const words = everywhere ? 'Sign out everywhere' : 'Sign out';
  return (
    <Dialog title={`${words}?`} className="sign-out-dialog" onClose={onClose}>
      <form
        method="post"
        action={everywhere ? 'logout?everywhere' : 'logout'}
        onSubmit={() => onLeave(forget)}
      >
        {everywhere && (
          <p>
            Every browser and program that is signed in as <strong>{user}</strong> is signed out,
            this one too. Answers that are being written go on.
          </p>
        )}
        {unsent > 0 && (
          <>
            <p>
              {unsent === 1
                ? 'One message you wrote here is not sent. It stays'
                : `${unsent} messages you wrote here are not sent. They stay`}{' '}
              in this browser until you sign in again.
            </p>
            <label className="check">
              <input
                type="checkbox"
                checked={forget}
                onChange={({ target }) => setForget(target.checked)}
              />
              <span>Delete {unsent === 1 ? 'it' : 'them'} now, as on a shared computer</span>
            </label>
          </>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={everywhere ? 'button danger-button' : 'button primary'}>
            {words}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
