import { hashOf } from '../chat/route.ts';
import type { ChatStore } from '../chat/store.ts';
import { words } from '../words/words.ts';

/** How long it is said. */
const SAID_MS = 4_000;

/** Copies the whole address of the conversation on screen, and says what became of it. */
export async function copyLink(store: ChatStore, threadId: string): Promise<void> {
  const link = new URL(hashOf(threadId), document.baseURI).href;
  try {
    await navigator.clipboard.writeText(link);
    store.notice('copied', words.palette.linkCopied, Date.now() + SAID_MS);
  } catch {
    // Browsers allow it on https and on loopback only; what is on screen has its link in the address.
    store.notice('copied', words.palette.linkInAddress);
  }
}
