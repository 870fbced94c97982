import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';

/** So many earlier pages are fetched for one that was found; far back, the reader scrolls. */
const PAGES_MAX = 20;
const MARKED_MS = 2_500;

/** Opens a conversation at one of its messages, fetching earlier ones until it is there. */
export async function reveal(
  client: ChatClient,
  threadId: string,
  messageId: string,
): Promise<void> {
  if (client.store.view().threadId !== threadId) location.hash = hashOf(threadId);
  await loaded(client, threadId);
  for (let pages = 0; pages <= PAGES_MAX; pages += 1) {
    const element = await drawn(messageId);
    if (element) return show(element);
    const isHere = client.store.view().threadId === threadId;
    if (!isHere || !(await client.earlier.load().catch(() => false))) return;
  }
}

function loaded({ store }: ChatClient, threadId: string): Promise<void> {
  return new Promise((resolve) => {
    const leave = store.subscribe(check);
    function check(): void {
      const view = store.view();
      if (view.threadId !== threadId || !view.loaded) return;
      leave();
      resolve();
    }
    check();
  });
}

/** Looks after the page has drawn what the store holds now. */
function drawn(messageId: string): Promise<Element | null> {
  return new Promise((resolve) =>
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        resolve(document.querySelector(`[data-message="${CSS.escape(messageId)}"]`)),
      ),
    ),
  );
}

function show(element: Element): void {
  element.scrollIntoView({ block: 'center' });
  element.classList.add('found');
  setTimeout(() => element.classList.remove('found'), MARKED_MS);
}
