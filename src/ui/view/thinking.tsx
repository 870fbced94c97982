import { memo, useState } from 'react';
import { duration } from '../chat/activity.ts';
import type { ThinkingItem } from '../chat/thread.ts';
import { words } from '../words/words.ts';

/** Claude's reasoning, folded. Its text enters the page only when someone opens it. */
export const Thinking = memo(function Thinking({ item }: { item: ThinkingItem }) {
  const [isShown, setShown] = useState(false);
  if (item.text.trim() === '' && !item.open && item.durationMs === undefined) return null;
  return (
    <details className="fold" onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>{summary(item)}</summary>
      {isShown && <div className="fold-body thinking-text">{item.text.trim() || '…'}</div>}
    </details>
  );
});

function summary({ open, durationMs }: ThinkingItem): string {
  if (open) return words.view.thoughtsSoFar;
  if (durationMs === undefined) return words.view.thoughts;
  return durationMs < 1_000
    ? words.view.thoughtBriefly
    : words.view.thoughtFor(duration(durationMs));
}
