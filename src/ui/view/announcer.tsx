import { useEffect, useRef, useState } from 'react';
import type { Run } from '../chat/thread.ts';
import { receiptWords } from '../limits/limit-words.ts';
import { words } from '../words/words.ts';

/** A screen reader can be asked to read on from the page; this is the gist. */
const SPOKEN_MAX = 600;

/** Speaks an answer once, when it is finished; and that an approval is wanted. Never token by token. */
export function Announcer({ runs }: { runs: readonly Run[] }) {
  const [said, say] = useState('');
  const watched = useRef<string | null>(null);
  const last = runs.at(-1);
  useEffect(() => {
    if (!last) return;
    if (last.state === 'live') {
      watched.current = last.id;
    } else if (watched.current === last.id) {
      watched.current = null;
      say(summary(last));
    }
  }, [last]);
  return (
    <div className="hidden" aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

function summary(run: Run): string {
  if (run.state === 'asking') return words.view.saidAsking;
  if (run.state === 'stopped') return words.view.saidStopped;
  if (run.receipt) return words.view.saidSpent(receiptWords(run.receipt, Date.now()));
  if (run.error) return words.view.saidFailed(run.error.message);
  const text = run.items
    .map((item) => (item.kind === 'text' && item.lane === null ? item.text : ''))
    .join('\n')
    .trim();
  return words.view.saidAnswer(text.slice(0, SPOKEN_MAX));
}
