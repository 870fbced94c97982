import { memo, useState } from 'react';
import type { Item, Lane, ToolItem } from '../chat/thread.ts';
import { words } from '../words/words.ts';
import { ItemView } from './item-view.tsx';
import { LongText } from './long-text.tsx';

interface LaneViewProps {
  lane: Lane;
  /** The call that began it; null where that is not shown. */
  call: ToolItem | null;
  items: readonly Item[];
  threadId: string | null;
}

/** What a subagent does, folded: who it is, what for, and how far it got. */
export const LaneView = memo(function LaneView({ lane, call, items, threadId }: LaneViewProps) {
  const [isShown, setShown] = useState(false);
  const tools = items.filter(({ kind }) => kind === 'tool').length;
  return (
    <details
      className={`fold lane lane-${lane.state}`}
      data-lane={lane.id}
      onToggle={({ currentTarget }) => setShown(currentTarget.open)}
    >
      <summary>
        <span className="tool-name">{lane.name}</span>
        <span className="lane-words">{lane.description}</span>
        <span className="tool-state">
          {tools > 0 && `${words.view.tools(tools)}, `}
          {words.view.lane[lane.state]}
        </span>
      </summary>
      {isShown && (
        <div className="lane-body">
          {items.map((item) => (
            <ItemView key={item.id} item={item} threadId={threadId} />
          ))}
          {items.length === 0 && <p className="quiet">{words.view.laneSilent}</p>}
          {call?.result && (
            <div className="tool-part">
              <h3 className="tool-label">{words.view.laneReport}</h3>
              <LongText text={call.result} />
            </div>
          )}
        </div>
      )}
    </details>
  );
});
