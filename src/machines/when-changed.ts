/** Calls `tell` where what `read` says is another than when it was looked at last: at each call of what this returns. */
export function whenChanged(read: () => unknown, tell: () => void): () => void {
  let last: unknown = null;
  return () => {
    const now = read();
    if (now === last) return;
    last = now;
    tell();
  };
}
