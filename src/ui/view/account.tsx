/** Who is signed in, and the way out. */
export function Account({ user, onSignOut }: { user: string; onSignOut: () => void }) {
  return (
    <form method="post" action="logout" onSubmit={onSignOut} className="account">
      <span className="user" title={`Signed in as ${user}`}>
        {user}
      </span>
      <button type="submit" className="button quiet-button">
        Sign out
      </button>
    </form>
  );
}
