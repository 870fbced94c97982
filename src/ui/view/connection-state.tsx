import type { SnapshotFrom } from 'xstate';
import { duration } from '../chat/activity.ts';
import type { connectionMachine } from '../connection.machine.ts';
import { useNow } from './clock.ts';

const BETWEEN = ['attached', 'verifying', 'waiting'] as const;
/** So many tries in a row may fail before the page calls itself offline, however short the waits between them. */
const TRIES_UNSAID = 3;

type Connection = SnapshotFrom<typeof connectionMachine>;

/** The connection in a dot and a word or two. Quiet while all is well; says what happens next when it is not. */
export function ConnectionState({
  connection,
  onRetry,
}: {
  connection: Connection;
  onRetry: () => void;
}) {
  const { tone, words, canRetry } = describe(connection);
  return (
    <div className={`connection ${tone}`}>
      <span className="dot" aria-hidden="true" />
      <span role="status" className="connection-words">
        {words}
      </span>
      {connection.matches('waiting') && isDown(connection) && (
        <NextTry at={connection.context.retryAt} />
      )}
      {canRetry && (
        <button type="button" className="link-button" onClick={onRetry}>
          Try now
        </button>
      )}
    </div>
  );
}

function describe(connection: Connection): { tone: string; words: string; canRetry: boolean } {
  if (connection.matches({ attached: 'live' })) return say('good', 'Live');
  if (connection.matches({ attached: 'catchingUp' })) return say('busy', 'Catching up');
  if (BETWEEN.some((state) => connection.matches(state))) {
    if (isDown(connection)) return say('bad', 'Offline', connection.matches('waiting'));
    return say('busy', connection.context.tries === 0 ? 'Connecting' : 'Reconnecting');
  }
  if (connection.matches('refused'))
    return say(
      'bad',
      'Refused: the server, or what is in front of it, does not accept this page’s address',
      true,
    );
  if (connection.matches('stopped'))
    return say('bad', connection.context.why ?? 'Disconnected', true);
  if (connection.matches('leaving')) return say('busy', 'Signing out');
  return say('bad', 'Signed out');
}

/** A wait too short to act on is no news; after a few in a row it is, and stays so until a socket opens. */
function isDown(connection: Connection): boolean {
  const { tries, retryMs } = connection.context;
  return tries >= TRIES_UNSAID || (connection.matches('waiting') && retryMs >= 1_000);
}

function say(tone: string, words: string, canRetry = false) {
  return { tone, words, canRetry };
}

/** Ticks for the eye only: a screen reader hears “Offline” once, not every second. */
function NextTry({ at }: { at: number }) {
  const left = at - useNow();
  return (
    <span className="next-try" aria-hidden="true">
      {left > 0 ? `next try in ${duration(left + 999)}` : 'trying'}
    </span>
  );
}
