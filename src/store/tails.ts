/** Who in this process wants to hear of a conversation's new rows. */
import type { ConversationKey, Row } from './store.ts';

type Listener = (rows: readonly Row[] | null) => void;

export class Tails {
  readonly #listeners = new Map<ConversationKey, Set<Listener>>();

  join(key: ConversationKey, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners)
        this.#listeners.delete(key);
    };
  }

  tell(key: ConversationKey, rows: readonly Row[] | null): void {
    for (const listener of this.#listeners.get(key) ?? []) listener(rows);
  }
}
