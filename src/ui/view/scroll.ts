import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Closer to the end than this counts as being there: a finger never stops at the exact pixel. */
const NEAR_PX = 48;

/**
 * Keeps a scroller at its end while its content grows, but only as long as the reader is there. Scrolling up
 * lets go; coming back, or `toBottom`, takes hold again.
 */
export function useStickToBottom(): {
  scroller: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  atBottom: boolean;
  toBottom: () => void;
} {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const held = useRef(true);
  const lastTop = useRef(0);
  const [atBottom, setAtBottom] = useState(true);

  const hold = useCallback((now: boolean) => {
    held.current = now;
    setAtBottom(now);
  }, []);

  const toBottom = useCallback(() => {
    hold(true);
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [hold]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isNear = scrollHeight - scrollTop - clientHeight <= NEAR_PX;
      // Content that grew under a held view is no reason to let go: only a move upwards is.
      if (isNear) hold(true);
      else if (scrollTop < lastTop.current) hold(false);
      lastTop.current = scrollTop;
    };
    const follow = () => {
      if (element.scrollTop < lastTop.current) onScroll(); // moved upwards, and its event is still to come
      if (held.current) element.scrollTop = element.scrollHeight;
      else onScroll();
    };
    const observer = new ResizeObserver(follow);
    observer.observe(content.current);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [hold]);

  return { scroller, content, atBottom, toBottom };
}
