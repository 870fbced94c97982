import type { ChatStore } from '../chat/store.ts';
import { copied } from '../clipboard.ts';
import { linkTo } from '../history/link-to.ts';
import { words } from '../words/words.ts';

/** How long it is said. */
const SAID_MS = 4_000;

/** Copies the whole address of the conversation on screen, and says what became of it. */
export async function copyLink(store: ChatStore, threadId: string): Promise<void> {
  if (await copied(linkTo(threadId)))
    store.notice('copied', words.palette.linkCopied, Date.now() + SAID_MS);
  // What is on screen has its link in the address.
  else store.notice('copied', words.palette.linkInAddress);
}
