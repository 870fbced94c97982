/**
 * Tells every socket of a user what changed in their list of conversations. A hint, as a list may be long: who
 * was away asks for the list anew.
 */
import type { Conversations } from '../machines/conversations.ts';
import { type ConversationKey, type Store, threadOf, userOf } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { viewOf } from './conversation-view.ts';
import type { Listeners } from './listeners.ts';

export interface FeedParts {
  readonly listeners: Listeners;
  readonly store: Pick<Store, 'conversation' | 'onChanged'>;
  readonly conversations: Pick<Conversations, 'find' | 'look'>;
  readonly log: Log;
}

export class Feed {
  readonly #parts: FeedParts;
  /** Conversations that are being asked about; true: they changed again meanwhile. */
  readonly #asking = new Map<ConversationKey, boolean>();

  constructor(parts: FeedParts) {
    this.#parts = parts;
    parts.store.onChanged((key) => this.changed(key));
  }

  /** What the store keeps of it has changed, or what goes on in it. */
  changed(key: ConversationKey): void {
    const isAsked = this.#asking.has(key);
    this.#asking.set(key, isAsked);
    if (isAsked) return;
    this.#tell(key).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, 'a change was not told'),
    );
  }

  async #tell(key: ConversationKey): Promise<void> {
    try {
      do {
        this.#asking.set(key, false);
        if (!this.#parts.listeners.has(userOf(key))) return;
        const record = await this.#parts.store.conversation(key);
        await this.#parts.conversations.look([key]);
        const conversation = record && viewOf(record, this.#parts.conversations);
        const threadId = threadOf(key);
        this.#parts.listeners.tell(userOf(key), { type: 'conversation', threadId, conversation });
      } while (this.#asking.get(key));
    } finally {
      this.#asking.delete(key); // in the same step as the last look: a change after it asks anew
    }
  }
}
