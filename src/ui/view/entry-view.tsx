import type { Entry } from '../chat/outline.ts';
import { ItemView } from './item-view.tsx';
import { LaneView } from './lane-view.tsx';
import { TodoList } from './todo-list.tsx';

interface EntryViewProps {
  entry: Entry;
  /** Where the whole of a result that is cut can be had; null: nowhere. */
  threadId: string | null;
}

/** One thing that Claude said or did. */
export function EntryView({ entry, threadId }: EntryViewProps) {
  switch (entry.kind) {
    case 'item':
      return <ItemView item={entry.item} threadId={threadId} />;
    case 'lane':
      return (
        <LaneView lane={entry.lane} call={entry.call} items={entry.items} threadId={threadId} />
      );
    case 'todos':
      return <TodoList todos={entry.todos} />;
  }
}
