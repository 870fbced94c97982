import type { ChatClient } from '../chat/client.ts';
import { hashOf } from '../chat/route.ts';
import { holdsMessage } from '../chat/stretches.ts';
import { words } from '../words/words.ts';

/** So many earlier pages are fetched for one message: 40,000 messages, at 200 a page. */
const PAGES_MAX = 200;
/** Until a message that is wanted must have been drawn. */
const DRAWN_FRAMES = 60;
/** What stands around it takes its true height as it comes near; by then it has. */
const SETTLE_FRAMES = 8;
const MARKED_MS = 2_500;

/** Opens a conversation at one of its messages, fetching earlier ones until it is there; or says why it cannot. */
export async function reveal(
  client: ChatClient,
  threadId: string,
  messageId: string,
): Promise<void> {
  if (client.store.view().threadId !== threadId) location.hash = hashOf(threadId);
  client.store.dismiss('messageLink');
  await loaded(client, threadId);
  const outcome = await fetched(client, threadId, messageId);
  if (outcome === 'gone') client.store.notice('messageLink', words.thread.linkGone);
  if (outcome === 'failed') client.store.notice('messageLink', words.thread.linkFailed);
  if (outcome !== 'here') return;
  client.earlier.want(messageId);
  const element = await drawn(messageId, laneOf(client, messageId));
  if (element) await show(element);
  if (client.earlier.wanted() === messageId) client.earlier.want(null);
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

async function fetched(
  { store, earlier }: ChatClient,
  threadId: string,
  messageId: string,
): Promise<'here' | 'gone' | 'failed' | 'left'> {
  for (let pages = 0; pages <= PAGES_MAX; pages += 1) {
    const { runs, before, threadId: shown } = store.view();
    if (shown !== threadId) return 'left';
    if (holdsMessage(runs, messageId)) return 'here';
    if (before === null) return 'gone';
    try {
      await earlier.load();
    } catch {
      return 'failed';
    }
    await frame(); // the store tells its views then
  }
  return 'gone';
}

/** The subagent whose words the message is among; null: it is Claude's own, or the user's. */
function laneOf({ store }: ChatClient, messageId: string): string | null {
  const items = store.view().runs.flatMap((run) => run.items);
  return items.find(({ id }) => id === messageId)?.lane ?? null;
}

/** @param lane The subagent in whose fold it is: that is opened. */
async function drawn(messageId: string, lane: string | null): Promise<HTMLElement | null> {
  for (let frames = 0; frames < DRAWN_FRAMES; frames += 1) {
    await frame();
    const found = document.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"]`);
    if (found) return found;
    if (lane === null) continue;
    const fold = document.querySelector<HTMLDetailsElement>(`[data-lane="${CSS.escape(lane)}"]`);
    if (fold) fold.open = true;
  }
  return null;
}

async function show(element: HTMLElement): Promise<void> {
  // Whoever reads by ear or by keyboard goes on from there.
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  for (let frames = 0; frames < SETTLE_FRAMES; frames += 1) {
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    await frame();
  }
  element.classList.add('found');
  setTimeout(() => element.classList.remove('found'), MARKED_MS);
}

function frame(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
