import { useRef } from 'react';
import { endOf, newsSince } from '../chat/news-below.ts';
import type { Run } from '../chat/thread.ts';
import { words } from '../words/words.ts';

interface NewBelowProps {
  /** The reader is at the end: there is nothing to say. */
  atBottom: boolean;
  runs: readonly Run[];
  onClick: () => void;
}

/** The way back to the end, and what came there since the reader left it. */
export function NewBelow({ atBottom, runs, onClick }: NewBelowProps) {
  const left = useRef(endOf(runs));
  if (atBottom) {
    left.current = endOf(runs);
    return null;
  }
  const { answers, isLive } = newsSince(left.current, runs);
  const { newBelow, toTheEnd, stillAnswering, newAnswers } = words.thread;
  const isNew = isLive || answers > 0;
  const said = isLive ? stillAnswering : answers > 0 ? newAnswers(answers) : toTheEnd;
  return (
    <button
      type="button"
      className={isNew ? 'new-below has-news' : 'new-below'}
      aria-label={isNew ? `${newBelow}: ${said}` : said}
      onClick={onClick}
    >
      <span aria-hidden="true">↓ </span>
      {said}
    </button>
  );
}
