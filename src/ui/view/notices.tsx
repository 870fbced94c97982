import type { LimitName } from '../../transport/protocol.ts';
import { countdown } from '../chat/activity.ts';
import type { ChatView, Notice } from '../chat/chat-view.ts';
import type { ChatStore } from '../chat/store.ts';
import { useNow } from './clock.ts';

interface NoticesProps {
  view: ChatView;
  store: ChatStore;
  onTakeBack: (runId: string) => void;
}

/** Above the composer: limits reached, refusals, and what the server is about to do. */
export function Notices({ view, store, onTakeBack }: NoticesProps) {
  const parked = view.pending.filter(({ why }) => why === 'parked');
  const { throttled } = view;
  const isListed = parked.some(({ runId }) => runId === throttled?.runId);
  return (
    <div className="notices">
      {parked.map((item) => (
        <LimitCard
          key={item.runId}
          limit={item.limit ?? 'hour'}
          resetAt={item.resetAt ?? null}
          parkedText={item.text}
          onTakeBack={() => onTakeBack(item.runId)}
        />
      ))}
      {throttled && !isListed && (
        <LimitCard
          limit={throttled.limit}
          resetAt={throttled.resetAt}
          {...(throttled.parked ? { onTakeBack: () => onTakeBack(throttled.runId) } : {})}
          onDismiss={() => store.dismissThrottled()}
        />
      )}
      {view.notices.map((notice) => (
        <NoticeLine key={notice.key} notice={notice} onDismiss={() => store.dismiss(notice.key)} />
      ))}
    </div>
  );
}

const LIMIT_WORDS: Record<LimitName, string> = {
  hour: 'This hour’s requests are used up',
  day: 'Today’s requests are used up',
  tokens: 'Today’s tokens are used up',
  runs: 'Too many answers are running at once',
  frames: 'That was too fast',
};

interface LimitCardProps {
  limit: LimitName;
  resetAt: number | null;
  /** The prompt that waits, if it is kept. */
  parkedText?: string;
  onTakeBack?: () => void;
  onDismiss?: () => void;
}

function LimitCard({ limit, resetAt, parkedText, onTakeBack, onDismiss }: LimitCardProps) {
  const what = onTakeBack ? 'Your message is kept and sends itself.' : 'Please try again then.';
  return (
    <div className="notice limit" role="status">
      <p>
        <strong>{LIMIT_WORDS[limit]}.</strong> {what} {resetAt !== null && <Left until={resetAt} />}
      </p>
      {parkedText !== undefined && <p className="parked-text">{parkedText}</p>}
      <p className="notice-actions">
        {onTakeBack && (
          <button type="button" className="link-button" onClick={onTakeBack}>
            Take back
          </button>
        )}
        {onDismiss && (
          <button type="button" className="link-button" onClick={onDismiss}>
            Dismiss
          </button>
        )}
      </p>
    </div>
  );
}

/** A countdown for the eye, and the clock time, said once, for the ear. */
function Left({ until }: { until: number }) {
  const left = until - useNow();
  const at = new Date(until).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return (
    <>
      <span className="left" aria-hidden="true">
        {left > 0 ? `In ${countdown(left)}.` : 'Any moment now.'}
      </span>
      <span className="hidden">At {at}.</span>
    </>
  );
}

function NoticeLine({ notice, onDismiss }: { notice: Notice; onDismiss: () => void }) {
  const isOver = useIsOver(notice.until);
  if (isOver) return null;
  return (
    <div className="notice" role="status">
      <p>{notice.text}</p>
      <p className="notice-actions">
        <button type="button" className="link-button" onClick={onDismiss}>
          Dismiss
        </button>
      </p>
    </div>
  );
}

function useIsOver(until: number | null): boolean {
  const now = useNow();
  return until !== null && now >= until;
}
