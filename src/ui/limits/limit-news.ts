/** What is worth saying aloud about limits: once each, whatever is told again or counts down meanwhile. */
import type { ChatView } from '../chat/chat-view.ts';
import { isParked } from '../chat/parked.ts';
import { words as said } from '../words/words.ts';
import { refusedWords, whenSentWords } from './limit-words.ts';

export interface News {
  readonly threadId: string | null;
  /** Limits that were said, each with its message. */
  readonly said: readonly string[];
  /** Messages that wait or waited for one, until they have been sent. */
  readonly waiting: readonly string[];
  /** Null: there is nothing new to say. */
  readonly words: string | null;
}

export const NO_NEWS: News = { threadId: null, said: [], waiting: [], words: null };

type Seen = Pick<ChatView, 'threadId' | 'pending' | 'throttled' | 'runs'>;

/** Compares what is shown with what was said of it. */
export function newsOf(last: News, view: Seen, now: number): News {
  const { threadId, throttled } = view;
  const before = last.threadId === threadId ? last : NO_NEWS;
  const held = parkedIn(view);
  const sent = before.waiting.find((runId) => isRunning(view, runId));
  const waiting = [...new Set([...before.waiting, ...held.map(({ runId }) => runId)])];
  const reached = held.map(({ runId, limit, resetAt }) => ({
    key: `${runId} ${limit}`,
    words: `${said.limits.reached[limit]} ${said.limits.yourMessageSendsItself(whenSentWords(limit, resetAt, now))}`,
  }));
  if (throttled && !throttled.parked) {
    const { runId, limit, max, resetAt } = throttled;
    const why = max > 0 ? `${said.limits.reached[limit]} ` : '';
    reached.push({ key: `${runId} refused`, words: why + refusedWords(resetAt, max, now) });
  }
  const fresh = reached.filter(({ key }) => !before.said.includes(key));
  const words = [...(sent ? [said.limits.wasSent] : []), ...fresh.map((it) => it.words)];
  return {
    threadId,
    said: [...before.said, ...fresh.map(({ key }) => key)],
    waiting: waiting.filter((runId) => runId !== sent),
    words: words.length > 0 ? words.join(' ') : null,
  };
}

function parkedIn({ pending, throttled }: Seen) {
  const listed = pending.filter(isParked).map(({ runId, limit = 'hour', resetAt = null }) => ({
    runId,
    limit,
    resetAt,
  }));
  return throttled?.parked ? [...listed, throttled] : listed;
}

/** Its run has begun, or all of it was told anew, and it is in there. */
function isRunning({ runs }: Seen, runId: string): boolean {
  return runs.some(
    ({ id, items }) =>
      id === runId || items.some((item) => item.kind === 'user' && item.runId === runId),
  );
}
