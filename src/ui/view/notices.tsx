import { countdown } from '../chat/activity.ts';
import type { ChatView, Notice, Throttled } from '../chat/chat-view.ts';
import type { ChatStore } from '../chat/store.ts';
import { refusedWords } from '../limits/limit-words.ts';
import { words } from '../words/words.ts';
import { useNow } from './clock.ts';

interface NoticesProps {
  view: ChatView;
  store: ChatStore;
}

/** Above the composer: refusals, and what the server is about to do. */
export function Notices({ view, store }: NoticesProps) {
  const { throttled } = view;
  return (
    <div className="notices">
      {throttled && !throttled.parked && (
        <RefusedLine
          key={throttled.runId}
          refused={throttled}
          onDismiss={() => store.dismissThrottled()}
        />
      )}
      {view.notices.map((notice) => (
        <NoticeLine key={notice.key} notice={notice} onDismiss={() => store.dismiss(notice.key)} />
      ))}
    </div>
  );
}

/** A message that a limit refused: it is in the box again. Said aloud elsewhere, once. */
function RefusedLine({ refused, onDismiss }: { refused: Throttled; onDismiss: () => void }) {
  const { limit, max, resetAt } = refused;
  const now = useNow();
  if (resetAt !== null && now >= resetAt) return null;
  return (
    <div className="notice limit-refused">
      <p>
        {max > 0 && <strong>{words.limits.reached[limit]} </strong>}
        {refusedWords(resetAt, max, now)}{' '}
        {resetAt !== null && (
          <span className="left" aria-hidden="true">
            {words.limits.inTime(countdown(resetAt - now))}
          </span>
        )}
      </p>
      <Dismiss onClick={onDismiss} />
    </div>
  );
}

function NoticeLine({ notice, onDismiss }: { notice: Notice; onDismiss: () => void }) {
  const isOver = useIsOver(notice.until);
  if (isOver) return null;
  return (
    <div className="notice" role="status">
      <p>{notice.text}</p>
      <Dismiss onClick={onDismiss} />
    </div>
  );
}

function useIsOver(until: number | null): boolean {
  const now = useNow();
  return until !== null && now >= until;
}

function Dismiss({ onClick }: { onClick: () => void }) {
  return (
    <p className="notice-actions">
      <button type="button" className="link-button" onClick={onClick}>
        {words.view.dismiss}
      </button>
    </p>
  );
}
