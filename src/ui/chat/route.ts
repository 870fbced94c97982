const ROUTE = /^#\/c\/([A-Za-z0-9_-]{1,64})(?:\/m\/([^/]{1,400}))?$/;

/** The conversation a page's hash names; null for a fresh page and for anything malformed. */
export function threadOf(hash: string): string | null {
  return ROUTE.exec(hash)?.[1] ?? null;
}

/** The message of that conversation it names; null: none. */
export function messageOf(hash: string): string | null {
  const part = ROUTE.exec(hash)?.[2];
  if (part === undefined) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The hash that names a conversation, or a message in it; for a fresh page the bare path. */
export function hashOf(threadId: string | null, messageId: string | null = null): string {
  if (threadId === null) return '';
  return `#/c/${threadId}${messageId === null ? '' : `/m/${encodeURIComponent(messageId)}`}`;
}
