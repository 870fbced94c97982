/** A clock that never tells the same time twice, so that what was used last is always known. */
export function rising(now: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now());
    return last;
  };
}
