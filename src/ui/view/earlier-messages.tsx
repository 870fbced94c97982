import { useCallback, useEffect, useRef, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { words } from '../words/words.ts';
import { whenNear } from './when-near.ts';

/** Fetched this far before the reader gets there. */
const AHEAD_PX = 3_000;

/**
 * Stands at the top of what is shown while there is more before it, and fetches it as the reader comes near.
 * What is on screen stays where it is.
 */
export function EarlierMessages({ client }: { client: ChatClient }) {
  const mark = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');

  const load = useCallback(async () => {
    setState('loading');
    try {
      await client.earlier.load();
      // Not drawn yet: the store tells its views on the next frame.
      const scroller = mark.current?.closest('.scroller');
      const first = mark.current?.nextElementSibling?.firstElementChild;
      const topOf = () => first?.getBoundingClientRect().top ?? 0;
      const top = topOf();
      requestAnimationFrame(() => {
        // At its very top, no browser keeps the place by itself.
        if (scroller && first?.isConnected) scroller.scrollTop += topOf() - top;
        setState('idle');
      });
    } catch {
      setState('failed');
    }
  }, [client]);

  useEffect(() => {
    const element = mark.current;
    if (!element || state !== 'idle') return;
    return whenNear(element, () => void load(), {
      root: element.closest('.scroller'),
      rootMargin: `${AHEAD_PX}px 0px 0px 0px`,
    });
  }, [state, load]);

  return (
    <div className="earlier" ref={mark}>
      {state === 'loading' ? (
        <p className="quiet" role="status">
          {words.thread.earlierLoading}
        </p>
      ) : (
        <button type="button" className="link-button" onClick={() => void load()}>
          {state === 'failed' ? words.thread.earlierFailed : words.thread.earlier}
        </button>
      )}
    </div>
  );
}
