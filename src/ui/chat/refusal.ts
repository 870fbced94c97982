import type { Attachments } from '../compose/attachments.ts';
import type { Wish } from '../connection.events.ts';
import { words } from '../words/words.ts';
import type { Draft } from './draft.ts';
import { promptOf, refusalWords } from './outbox.ts';
import type { ChatStore } from './store.ts';

interface Parts {
  readonly store: ChatStore;
  readonly draft: Draft;
  readonly attachments: Attachments;
}

/** Something could not be sent: a prompt goes back to the conversation it was written for, and the reason is said. */
export function takeRefusal({ store, draft, attachments }: Parts, wish: Wish, fault: string): void {
  const prompt = promptOf(wish);
  if ('runId' in wish) store.removeSending(wish.runId);
  if (prompt && 'threadId' in wish) {
    if (prompt.text !== '') draft.returnTo(wish.threadId, prompt.text);
    attachments.returnTo(wish.threadId, prompt.images);
    if (wish.threadId !== store.view().threadId)
      store.notice('returned', words.compose.returnedElsewhere);
  }
  if (fault === 'approval.answered' && 'resume' in wish) store.settle(wish.resume ?? []);
  // The server's own sentence, where a bare RUN_ERROR brought one, is already shown under this key.
  const key = `refused:${fault}`;
  const known = store.hasNotice(key) || fault.startsWith('close');
  const reason = refusalWords(wish, fault);
  if (!known && reason !== null) store.notice(key, reason);
}
