/**
 * Calls `told` each time the element comes within `rootMargin` (CSS, like `200px 0px`) of what `root` shows; null:
 * of the window. Returns the end of it. A slow page hears of several crossings at once, of which only the last is
 * still true.
 */
export function whenNear(
  element: Element,
  told: () => void,
  { root = null, rootMargin }: { root?: Element | null; rootMargin: string },
): () => void {
  const observer = new IntersectionObserver(
    (crossings) => {
      if (crossings.at(-1)?.isIntersecting) told();
    },
    { root, rootMargin },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
