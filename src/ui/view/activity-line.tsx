import { useEffect, useState } from 'react';
import { type Activity, activityOf, countdown, duration, quietMs } from '../chat/activity.ts';
import type { ChatView } from '../chat/chat-view.ts';
import { liveRun, type Retry, type Run } from '../chat/thread.ts';
import { tokenWords } from '../chat/usage.ts';
import { words } from '../words/words.ts';
import { useNow } from './clock.ts';

/** A screen reader hears of what lasts so long; what is over sooner would only be talked over. */
const SAID_AFTER_MS = 1_500;

interface ActivityLineProps {
  view: Pick<ChatView, 'runs' | 'clockAheadMs' | 'heardAt'>;
  isLive: boolean;
}

/** At the end of the thread, in sight wherever one reads: what is going on, for how long, and how much came of it. */
export function ActivityLine({ view, isLive }: ActivityLineProps) {
  const { runs } = view;
  const activity = activityOf(runs);
  const run = liveRun(runs);
  if (!activity) return null;
  if (!isLive) return run && <Line className="away" label={words.view.away} />;
  if (activity.kind === 'asking') return <Asking activity={activity} view={view} />;
  return run && <Working activity={activity} run={run} view={view} />;
}

interface WorkingProps {
  activity: Activity;
  run: Run;
  view: ActivityLineProps['view'];
}

function Working({ activity, run, view: { clockAheadMs, heardAt } }: WorkingProps) {
  const now = useNow() + clockAheadMs;
  const { retry, startedAt, outputTokens } = run;
  const { key, label, detail, since } = activity;
  const quiet = retry ? null : quietMs(activity, heardAt, now);
  const spoken = quiet === null ? label : words.view.quietNow;
  const settled = useSettled(retry ? `${retryWords(retry)}.` : spoken, `${key} ${quiet !== null}`);
  const more = [
    startedAt !== undefined && since !== null && since - startedAt >= 1_000
      ? words.view.inAll(duration(now - startedAt))
      : null,
    outputTokens === null ? null : words.view.written(tokenWords(outputTokens)),
  ].filter((part) => part !== null);
  return (
    <Line
      className={quiet === null ? '' : 'stalled'}
      label={retry ? retryWords(retry) : label}
      detail={retry ? '' : detail}
      time={
        retry
          ? untilWords(retry.at - now)
          : quiet === null
            ? sinceWords(since, now)
            : words.view.quiet(duration(quiet))
      }
      more={more}
      spoken={settled}
    />
  );
}

/** Nothing moves until a person answers. That it is asked is said aloud elsewhere, once. */
function Asking({ activity, view }: { activity: Activity; view: ActivityLineProps['view'] }) {
  const { label, detail, since } = activity;
  const now = useNow() + view.clockAheadMs;
  return <Line className="asking" label={label} detail={detail} time={sinceWords(since, now)} />;
}

interface LineProps {
  className: string;
  label: string;
  detail?: string;
  /** What ticks: for the eye, and for who asks for it; never said by itself. */
  time?: string;
  more?: readonly string[];
  spoken?: string;
}

function Line({ className, label, detail = '', time = '', more = [], spoken }: LineProps) {
  return (
    <div className={`activity ${className}`.trim()}>
      <span className="pulse" aria-hidden="true" />
      <span className="activity-words">
        {label}
        {detail && (
          <>
            {' '}
            <bdi className="activity-detail">{detail}</bdi>
          </>
        )}
      </span>
      {time && (
        <span className="activity-time" role="timer" aria-live="off">
          {time}
        </span>
      )}
      {more.length > 0 && (
        <span className="activity-more" role="timer" aria-live="off">
          {more.join(' · ')}
        </span>
      )}
      {spoken !== undefined && (
        <span className="hidden" role="status">
          {spoken}
        </span>
      )}
    </div>
  );
}

/** Quiet for the first second, and where the server told no time. */
function sinceWords(since: number | null, now: number): string {
  return since !== null && now - since >= 1_000 ? duration(now - since) : '';
}

function retryWords({ attempt, maxRetries, status }: Retry): string {
  return words.view.retrying(status, attempt, maxRetries);
}

function untilWords(leftMs: number): string {
  return leftMs > 0 ? words.view.retryIn(countdown(leftMs)) : words.view.retryNow;
}

/** `text` once `key` has been the same for a while; empty before the first. */
function useSettled(text: string, key: string): string {
  const [settled, settle] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what changes, the text follows it
  useEffect(() => {
    const timer = setTimeout(() => settle(text), SAID_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return settled;
}
