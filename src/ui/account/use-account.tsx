import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { patiently } from '../patiently.ts';
import { AccountMenu } from './account-menu.tsx';

/** Asked for seldom: they come when they are. */
const DevicesDialog = lazy(patiently(() => import('./devices-dialog.tsx')));
const SignOutDialog = lazy(patiently(() => import('./sign-out-dialog.tsx')));

/**
 * The account's menu, and what it opens: the dialogs stand apart, as the menu may be in a drawer that closes.
 * @param user Null while nobody is signed in, or it is not known who.
 */
export function useAccount(client: ChatClient, user: string | null, operator: boolean) {
  const [shown, show] = useState<'devices' | 'signOut' | 'everywhere' | null>(null);
  // What was open when the sign-in ended does not open by itself once its user is back.
  useEffect(() => {
    if (user === null) show(null);
  }, [user]);
  if (user === null) return { menu: null, dialogs: null, signOut: null };

  const unsent = () => client.unsent?.count() ?? 0;
  const menu: ReactNode = (
    <AccountMenu
      user={user}
      operator={operator}
      onDevices={() => show('devices')}
      onSignOut={(event) => {
        if (unsent() === 0) return client.leave(false);
        event.preventDefault();
        show('signOut');
      }}
      onSignOutEverywhere={() => show('everywhere')}
    />
  );
  const dialogs: ReactNode = shown && (
    <Suspense fallback={null}>
      {shown === 'devices' ? (
        <DevicesDialog
          user={user}
          onEverywhere={() => show('everywhere')}
          onClose={() => show((now) => (now === 'devices' ? null : now))}
        />
      ) : (
        <SignOutDialog
          user={user}
          everywhere={shown === 'everywhere'}
          unsent={unsent()}
          onLeave={(forget) => client.leave(forget)}
          onClose={() => show(null)}
        />
      )}
    </Suspense>
  );
  /** As the menu does it, for whoever else offers it. */
  const signOut = () => {
    if (unsent() > 0) return show('signOut');
    client.leave(false);
    const form = document.createElement('form');
    form.method = 'post';
    form.action = 'logout';
    document.body.append(form);
    form.submit();
  };
  return { menu, dialogs, signOut };
}
