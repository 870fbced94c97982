import { type RefObject, useEffect, useState } from 'react';

/** What is nearer to the screen than this is drawn: far enough that the reader does not see it come. */
const NEAR_PX = 4_000;

type Told = (isNear: boolean, height: number) => void;

/**
 * Tells of elements as they come near what is on screen, and as they are far from it again, with their height in px.
 * What is on screen is told at once; of the rest one a frame, the nearest first, so that no frame has much to draw.
 */
export class NearWatch {
  readonly #root: () => Element | null;
  readonly #told = new Map<Element, Told>();
  readonly #coming = new Set<Element>();
  #observer: IntersectionObserver | null = null;
  #isPumping = false;

  /** @param root The scroller, once there is one. */
  constructor(root: () => Element | null) {
    this.#root = root;
  }

  /** Returns the end of it. */
  watch(element: Element, told: Told): () => void {
    this.#observer ??= new IntersectionObserver((entries) => this.#take(entries), {
      root: this.#root(),
      rootMargin: `${NEAR_PX}px 0px`,
    });
    this.#told.set(element, told);
    this.#observer.observe(element);
    return () => {
      this.#told.delete(element);
      this.#coming.delete(element);
      this.#observer?.unobserve(element);
    };
  }

  close(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#coming.clear();
  }

  #take(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      if (isIntersecting) this.#coming.add(target);
      else {
        this.#coming.delete(target);
        this.#told.get(target)?.(false, boundingClientRect.height);
      }
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping || this.#coming.size === 0) return;
    this.#isPumping = true;
    const [nearest, ...others] = [...this.#coming]
      .map((element) => ({ element, px: distance(element) }))
      .sort((one, other) => one.px - other.px);
    const now = [nearest, ...others.filter(({ px }) => px === 0)];
    for (const near of now) {
      if (!near) continue;
      this.#coming.delete(near.element);
      this.#told.get(near.element)?.(true, near.element.clientHeight);
    }
    requestAnimationFrame(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }
}

/** Px from the window; 0: it is on screen. */
function distance(element: Element): number {
  const { top, bottom } = element.getBoundingClientRect();
  return Math.max(0, -bottom, top - innerHeight);
}

/** One watch for all the elements in the scroller that `inside` is in. */
export function useNear(inside: RefObject<Element | null>): NearWatch {
  const [watch] = useState(() => new NearWatch(() => inside.current?.closest('.scroller') ?? null));
  useEffect(() => () => watch.close(), [watch]);
  return watch;
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
