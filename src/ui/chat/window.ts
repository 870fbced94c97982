/** What happens to this page's window and in the browser's other tabs, as the connection hears it. */
import type { Actor } from 'xstate';
import type { connectionMachine } from '../connection.machine.ts';

const CHANNEL = 'greenroom:sign-ins';

/** What tabs of one browser tell each other. */
interface Told {
  readonly is: 'signedIn' | 'forgotten';
  readonly user: string;
}

/** Listens for as long as the page lives. */
export function listenToWindow(connection: Actor<typeof connectionMachine>): void {
  addEventListener('online', () => connection.send({ type: 'network.online' }));
  addEventListener('focus', () => connection.send({ type: 'page.focused' }));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.send({ type: 'page.visible' });
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) connection.send({ type: 'page.restored' });
  });
  const others = new BroadcastChannel(CHANNEL);
  others.onmessage = ({ data }: MessageEvent<Told>) =>
    connection.send(
      data.is === 'forgotten'
        ? { type: 'signIn.forgotten', user: data.user }
        : { type: 'signIn.seen', user: data.user },
    );
  const tell = (told: Told) => others.postMessage(told);
  connection.on('user.welcomed', ({ user }) => tell({ is: 'signedIn', user }));
  connection.on('user.forgotten', ({ user }) => tell({ is: 'forgotten', user }));
}

/** Loads the page as if nobody had been here: the address may name a conversation of another user's. */
export function startAfresh(): void {
  history.replaceState(null, '', location.pathname);
  location.reload();
}
