import { useRef } from 'react';
import { activityOf, countdown, duration } from '../chat/activity.ts';
import { liveRun, type Retry, type Run } from '../chat/thread.ts';
import { useNow } from './clock.ts';

/** Under a live answer: what is going on, and for how long. */
export function ActivityLine({ runs, isLive }: { runs: readonly Run[]; isLive: boolean }) {
  const activity = activityOf(runs);
  if (!activity) return null;
  const retry = liveRun(runs)?.retry ?? null;
  if (isLive && retry) return <RetryLine retry={retry} />;
  const { key, label, detail } = activity;
  const words = isLive ? label : 'The connection is gone; the answer goes on without it';
  return (
    <p className={isLive ? 'activity' : 'activity away'}>
      <span className="pulse" aria-hidden="true" />
      <span className="activity-words">
        {words}
        {isLive && detail && <span className="activity-detail"> {detail}</span>}
      </span>
      {isLive && <Since key={key} />}
    </p>
  );
}

/** The API is busy: why nothing comes, and until when. */
function RetryLine({ retry: { attempt, maxRetries, at, status } }: { retry: Retry }) {
  const left = at - useNow();
  return (
    <p className="activity">
      <span className="pulse" aria-hidden="true" />
      <span className="activity-words">
        The Claude API is busy{status !== null && ` (${status})`}. Try {attempt} of {maxRetries}
        <span aria-hidden="true">{left > 0 ? ` in ${countdown(left)}` : ' now'}</span>
      </span>
    </p>
  );
}

/** Seconds since this was first shown; a new `key` starts it again. Quiet for the first second. */
function Since() {
  const now = useNow();
  const start = useRef(now);
  const elapsed = now - start.current;
  return (
    <span className="activity-time" aria-hidden="true">
      {elapsed >= 1000 ? duration(elapsed) : ''}
    </span>
  );
}
