import { useCallback, useEffect, useRef, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';

/** Fetched this far before the reader gets there. */
const AHEAD_PX = 600;

/**
 * Stands at the top of what is shown while there is more before it, and fetches it as the reader comes near.
 * What is on screen stays where it is.
 */
export function EarlierMessages({ client }: { client: ChatClient }) {
  const mark = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');

  const load = useCallback(async () => {
    setState('loading');
    const scroller = mark.current?.closest('.scroller');
    const fromEnd = scroller ? scroller.scrollHeight - scroller.scrollTop : 0;
    try {
      await client.earlier.load();
      // The store tells its views on the next frame; by the one after that it is laid out.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (scroller) scroller.scrollTop = scroller.scrollHeight - fromEnd;
          setState('idle');
        }),
      );
    } catch {
      setState('failed');
    }
  }, [client]);

  useEffect(() => {
    const element = mark.current;
    if (!element || state !== 'idle') return;
    const root = element.closest('.scroller');
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void load();
      },
      { root, rootMargin: `${AHEAD_PX}px 0px 0px 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [state, load]);

  return (
    <div className="earlier" ref={mark}>
      {state === 'loading' ? (
        <p className="quiet" role="status">
          Loading earlier messages…
        </p>
      ) : (
        <button type="button" className="link-button" onClick={() => void load()}>
          {state === 'failed'
            ? 'Earlier messages could not be loaded. Try again'
            : 'Earlier messages'}
        </button>
      )}
    </div>
  );
}
