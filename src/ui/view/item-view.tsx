import { memo } from 'react';
import type { Item, NoteItem } from '../chat/thread.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { words } from '../words/words.ts';
import { Thinking } from './thinking.tsx';
import { ToolCard } from './tool-card.tsx';

/** One thing Claude, or a subagent of its, said or did. */
export const ItemView = memo(function ItemView(props: { item: Item; threadId: string | null }) {
  const { item, threadId } = props;
  switch (item.kind) {
    case 'text':
      return (
        <div className="item" data-message={item.id}>
          <Markdown text={item.text} open={item.open} />
        </div>
      );
    case 'thinking':
      return (
        <div className="item">
          <Thinking item={item} />
        </div>
      );
    case 'tool':
      return (
        <div className="item">
          <ToolCard tool={item} threadId={threadId} />
        </div>
      );
    case 'note':
      return <p className={`item note note-${item.note}`}>{noteWords(item)}</p>;
    case 'user':
      return null;
  }
});

function noteWords({ note, detail }: NoteItem): string {
  switch (note) {
    case 'compacted':
      return words.thread.compacted;
    case 'fallback':
      return words.thread.fallback(detail);
    case 'withdrawn':
      return words.thread.withdrawn;
  }
}
