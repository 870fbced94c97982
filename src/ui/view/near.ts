import { type RefObject, useEffect, useRef } from 'react';

/** What is nearer to the screen than this is drawn: far enough that the reader does not see it come. */
const NEAR_PX = 4_000;

type Told = (isNear: boolean, height: number) => void;

/**
 * Tells of an element as it comes near what is on screen, and as it is far from it again, with its height in px.
 * Returns the end of it.
 */
export type Watch = (element: Element, told: Told) => () => void;

/** One observer for all the elements in `root`'s scroller. */
export function useNear(root: RefObject<Element | null>): Watch {
  const observer = useRef<IntersectionObserver | null>(null);
  const told = useRef(new Map<Element, Told>());
  useEffect(
    () => () => {
      observer.current?.disconnect();
      observer.current = null;
    },
    [],
  );
  const watch = useRef<Watch>((element, tell) => {
    observer.current ??= new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, boundingClientRect } of entries)
          told.current.get(target)?.(isIntersecting, boundingClientRect.height);
      },
      { root: root.current?.closest('.scroller') ?? null, rootMargin: `${NEAR_PX}px 0px` },
    );
    told.current.set(element, tell);
    observer.current.observe(element);
    return () => {
      told.current.delete(element);
      observer.current?.unobserve(element);
    };
  });
  return watch.current;
}

/** True of what must stay as it is: the focus, a selection, something opened, or something being written is in it. */
export function isInUse(element: Element): boolean {
  if (element.contains(document.activeElement)) return true;
  if (element.querySelector('details[open], form, textarea')) return true;
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}

/**
 * Browsers without scroll anchoring would let the text jump as something above it takes its true height. There,
 * the scroller moves by as much.
 */
export function keepPlaceBelow(element: Element): () => void {
  if (CSS.supports('overflow-anchor', 'auto')) return () => {};
  const scroller = element.closest('.scroller');
  let height = element.clientHeight;
  const observer = new ResizeObserver(() => {
    const grown = element.clientHeight - height;
    height = element.clientHeight;
    if (grown === 0 || !scroller) return;
    const wasAbove =
      element.getBoundingClientRect().bottom - grown <= scroller.getBoundingClientRect().top;
    if (wasAbove) scroller.scrollTop += grown;
  });
  observer.observe(element);
  return () => observer.disconnect();
}
