const ROUTE = /^#\/c\/([A-Za-z0-9_-]{1,64})$/;

/** The conversation a page's hash names; null for a fresh page and for anything malformed. */
export function threadOf(hash: string): string | null {
  return ROUTE.exec(hash)?.[1] ?? null;
}

/** The hash that names a conversation; for a fresh page the bare path. */
export function hashOf(threadId: string | null): string {
  return threadId === null ? '' : `#/c/${threadId}`;
}
