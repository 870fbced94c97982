import type { SnapshotFrom } from 'xstate';
import { duration } from '../chat/activity.ts';
import type { connectionMachine } from '../connection.machine.ts';
import { words } from '../words/words.ts';
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
  const { tone, said, canRetry } = describe(connection);
  return (
    <div className={`connection ${tone}`}>
      <span className="dot" aria-hidden="true" />
      <span role="status" className="connection-words">
        {said}
      </span>
      {connection.matches('waiting') && isDown(connection) && (
        <NextTry at={connection.context.retryAt} />
      )}
      {canRetry && (
        <button type="button" className="link-button" onClick={onRetry}>
          {words.connection.tryNow}
        </button>
      )}
    </div>
  );
}

function describe(connection: Connection): { tone: string; said: string; canRetry: boolean } {
  const it = words.connection;
  if (connection.matches({ attached: { live: 'doubtful' } })) return say('busy', it.checking);
  if (connection.matches({ attached: 'live' })) return say('good', it.live);
  if (connection.matches({ attached: 'catchingUp' })) return say('busy', it.catchingUp);
  if (BETWEEN.some((state) => connection.matches(state))) {
    if (isDown(connection)) return say('bad', it.offline, connection.matches('waiting'));
    return say('busy', connection.context.tries === 0 ? it.connecting : it.reconnecting);
  }
  if (connection.matches('refused')) return say('bad', it.refused, true);
  if (connection.matches('stopped')) return say('bad', connection.context.why ?? it.stopped, true);
  if (connection.matches('leaving')) return say('busy', it.leaving);
  return say('bad', it.signedOut);
}

/** A wait too short to act on is no news; after a few in a row it is, and stays so until a socket opens. */
function isDown(connection: Connection): boolean {
  const { tries, retryMs } = connection.context;
  return tries >= TRIES_UNSAID || (connection.matches('waiting') && retryMs >= 1_000);
}

function say(tone: string, said: string, canRetry = false) {
  return { tone, said, canRetry };
}

/** Ticks for the eye only: a screen reader hears “Offline” once, not every second. */
function NextTry({ at }: { at: number }) {
  const left = at - useNow();
  return (
    <span className="next-try" aria-hidden="true">
      {left > 0 ? words.connection.nextTry(duration(left + 999)) : words.connection.trying}
    </span>
  );
}
