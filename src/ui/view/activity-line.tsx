import { useRef } from 'react';
import { activityOf, duration } from '../chat/activity.ts';
import type { Run } from '../chat/thread.ts';
import { useNow } from './clock.ts';

/** Under a live answer: what is going on, and for how long. */
export function ActivityLine({ runs, isLive }: { runs: readonly Run[]; isLive: boolean }) {
  const activity = activityOf(runs);
  if (!activity) return null;
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
