/** Links to a conversation of another user's, as addresses. The id is a secret: it stands in fragments alone. */

/** An id has 43 characters. One that lost a part on its way is asked for as well, so that its reader is told. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const ROUTE = /^#\/shared\/([A-Za-z0-9_-]{1,64})$/;

/** Where the page that a link leads to keeps its id while its reader signs in: see `transport/shared-page.ts`. */
const KEPT = 'greenroom:shared';

/** The id of the link that a page's hash names; null where it names none. */
export function sharedIn(hash: string): string | null {
  return ROUTE.exec(hash)?.[1] ?? null;
}

/** What is sent to a reader: it works whether or not they are signed in. @param base Of the page, as `https://host/chat/`. */
export function linkOf(id: string, base: string): string {
  return `${new URL('shared', base).href}#${id}`;
}

/** The hash this page is to have, where its reader came here by a link; kept once. */
export function takeSharedHash(storage: Pick<Storage, 'getItem' | 'removeItem'>): string | null {
  const id = storage.getItem(KEPT);
  storage.removeItem(KEPT);
  return id !== null && ID.test(id) ? `#/shared/${id}` : null;
}
