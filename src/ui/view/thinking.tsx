import { memo, useState } from 'react';
import type { ThinkingItem } from '../chat/thread.ts';

/** Claude's reasoning, folded. Its text enters the page only when someone opens it. */
export const Thinking = memo(function Thinking({ item }: { item: ThinkingItem }) {
  const [isShown, setShown] = useState(false);
  if (item.text.trim() === '' && !item.open) return null;
  return (
    <details className="fold" onToggle={({ currentTarget }) => setShown(currentTarget.open)}>
      <summary>{item.open ? 'Thoughts so far' : 'Thoughts'}</summary>
      {isShown && <div className="fold-body thinking-text">{item.text.trim() || '…'}</div>}
    </details>
  );
});
