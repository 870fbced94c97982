/** Somebody has this page before them; a tab behind others, or a window without the focus, is not looked at. */
export function isLookedAt(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Calls whenever that may have become true. Returns the end of it. */
export function onLookedAt(listener: () => void): () => void {
  addEventListener('focus', listener);
  document.addEventListener('visibilitychange', listener);
  return () => {
    removeEventListener('focus', listener);
    document.removeEventListener('visibilitychange', listener);
  };
}
