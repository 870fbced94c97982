import { memo, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { BranchMap } from '../branches/branches.ts';
import type { ChatClient } from '../chat/client.ts';
import { holdsMessage, regroup, roughHeight, type Stretch } from '../chat/stretches.ts';
import type { Run } from '../chat/thread.ts';
import { words } from '../words/words.ts';
import { isInUse, keepPlaceBelow, type NearWatch, useNear } from './near.ts';
import { RunView } from './run-view.tsx';
import { usePrinting } from './use-printing.ts';

/** Stretches at the end that are drawn at once: no reader waits for the first screen to be looked at. */
const DRAWN_AT_ONCE = 4;

interface StretchesProps {
  runs: readonly Run[];
  /** These are all there are: none is left to be fetched. */
  isWhole: boolean;
  threadId: string | null;
  branches: BranchMap;
  client: ChatClient;
}

/**
 * The runs of a conversation, of which those near the screen are drawn. The others are room of the same height, so
 * the scroller, its bar and the browser's own keeping of the place work as if all were there. The last stretch is
 * always drawn: it is the one that moves.
 */
export function Stretches({ runs, isWhole, threadId, branches, client }: StretchesProps) {
  const feed = useRef<HTMLDivElement>(null);
  const known = useRef<readonly Stretch[]>([]);
  const stretches = regroup(known.current, runs);
  known.current = stretches;
  const watch = useNear(feed);
  const isPrinting = usePrinting();
  const wanted = useSyncExternalStore(client.earlier.subscribe, client.earlier.wanted);
  let place = 1;
  return (
    <div className="feed" role="feed" aria-label={words.thread.conversation} ref={feed}>
      {stretches.map((stretch, index) => {
        const first = place;
        place += stretch.runs.length;
        const isWanted = wanted !== null && holdsMessage(stretch.runs, wanted);
        return (
          <StretchView
            key={stretch.key}
            stretch={stretch}
            startsDrawn={index >= stretches.length - DRAWN_AT_ONCE}
            isKept={isPrinting || isWanted || index === stretches.length - 1}
            first={isWhole ? first : null}
            total={isWhole ? runs.length : null}
            watch={watch}
            threadId={threadId}
            branches={branches}
            client={client}
          />
        );
      })}
    </div>
  );
}

interface StretchProps {
  stretch: Stretch;
  startsDrawn: boolean;
  isKept: boolean;
  /** Its first run's place in the conversation, from 1, and the number of all; null while that is not known. */
  first: number | null;
  total: number | null;
  watch: NearWatch;
  threadId: string | null;
  branches: BranchMap;
  client: ChatClient;
}

const StretchView = memo(function StretchView(props: StretchProps) {
  const { stretch, isKept, first, total, watch, threadId, branches, client } = props;
  const element = useRef<HTMLDivElement>(null);
  const height = useRef<number | null>(null);
  const [isNear, setNear] = useState(props.startsDrawn);
  const isDrawn = isNear || isKept;
  useLayoutEffect(() => {
    if (!element.current) return;
    const room = height.current ?? roughHeight(stretch);
    element.current.style.height = isDrawn ? '' : `${room}px`;
  }, [isDrawn, stretch]);
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const leave = watch.watch(box, (near, px) => {
      if (!near && isInUse(box)) return;
      if (!near) height.current = px;
      setNear(near);
    });
    const letGo = keepPlaceBelow(box);
    return () => {
      leave();
      letGo();
    };
  }, [watch]);
  return (
    <div className="stretch" ref={element}>
      {isDrawn &&
        stretch.runs.map((run, index) => (
          <RunView
            key={run.id}
            run={run}
            place={first === null ? null : first + index}
            total={total}
            threadId={threadId}
            branches={branches}
            client={client}
          />
        ))}
    </div>
  );
});
