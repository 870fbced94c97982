import type { ChatStore } from '../chat/store.ts';

/** What was said before what is shown, fetched one page at a time. */
export class Earlier {
  readonly #store: ChatStore;
  #loading: Promise<boolean> | null = null;
  #wanted: string | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(store: ChatStore) {
    this.#store = store;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The message that must be drawn, however far it is from the reader; null: none. */
  wanted = (): string | null => this.#wanted;

  want(messageId: string | null): void {
    this.#wanted = messageId;
    for (const listener of this.#listeners) listener();
  }

  /** False: there is nothing, or the conversation was left meanwhile. Rejects where it could not be had. */
  load(): Promise<boolean> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load(): Promise<boolean> {
    const { threadId, before } = this.#store.view();
    if (threadId === null || before === null) return false;
    const { historyApi } = await import('./api.ts');
    const page = await historyApi.messages(threadId, before);
    const now = this.#store.view();
    if (now.threadId !== threadId || now.before !== before) return false; // it was left, or told anew
    this.#store.prepend(page.messages, page.before);
    return true;
  }
}
