/** The sign-in has ended, and nothing else has: the page goes on once its user is back. */
export function SignedOutNotice({ onSignIn }: { onSignIn: () => void }) {
  return (
    <div className="notice signed-out" role="alert">
      <p>
        <strong>Your sign-in has ended.</strong> Nothing is lost: what you write stays here, and
        goes on once you have signed in again.
      </p>
      <p className="notice-actions">
        <a className="link-button" href="login" target="_blank" rel="noopener">
          Sign in in a new tab
        </a>
        <a className="button primary" href="login" onClick={onSignIn}>
          Sign in
        </a>
      </p>
    </div>
  );
}
