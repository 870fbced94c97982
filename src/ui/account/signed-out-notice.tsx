import { words } from '../words/words.ts';

/** The sign-in has ended, and nothing else has: the page goes on once its user is back. */
export function SignedOutNotice({ onSignIn }: { onSignIn: () => void }) {
  const said = words.account;
  return (
    <div className="notice signed-out" role="alert">
      <p>
        <strong>{said.ended}</strong> {said.nothingLost}
      </p>
      <p className="notice-actions">
        <a className="link-button" href="login" target="_blank" rel="noopener">
          {said.signInInNewTab}
        </a>
        <a className="button primary" href="login" onClick={onSignIn}>
          {said.signIn}
        </a>
      </p>
    </div>
  );
}
