/** What is worth being called back for: an answer that ended, or a question, in whichever conversation of the user's. */
import type { ConversationView } from '../../transport/views.ts';

export interface Call {
  readonly what: 'ended' | 'asks';
  readonly threadId: string;
  readonly title: string;
}

type Activity = ConversationView['activity'];

/** Follows what the server tells of conversations. Of one that was never heard of, only a question is news. */
export class News {
  readonly #last = new Map<string, Activity>();

  /** @param conversation Null: it was deleted. */
  take(threadId: string, conversation: ConversationView | null): Call | null {
    const before = this.#last.get(threadId);
    if (conversation === null) {
      this.#last.delete(threadId);
      return null;
    }
    const { activity, title } = conversation;
    this.#last.set(threadId, activity);
    if (activity === 'asking' && before !== 'asking') return { what: 'asks', threadId, title };
    return activity === null && before === 'running' ? { what: 'ended', threadId, title } : null;
  }
}
