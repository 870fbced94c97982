import type { HistoryApi } from './api.ts';
import type { Found } from './conversation-list.ts';

/** Long enough that not every letter asks, short enough that nobody notices. */
const PAUSE_MS = 150;
const FOUND_MAX = 50;

export interface SearchView {
  readonly query: string;
  readonly state: 'off' | 'searching' | 'found' | 'failed';
  readonly found: readonly Found[];
}

export interface SearchParts {
  readonly api: Pick<HistoryApi, 'list'>;
  readonly setTimeout: (fn: () => void, ms: number) => unknown;
  readonly clearTimeout: (id: unknown) => void;
}

/** What is looked for and what was found. An answer that comes late never replaces that of a later question. */
export class Search {
  readonly #parts: SearchParts;
  readonly #listeners = new Set<() => void>();
  #view: SearchView = { query: '', state: 'off', found: [] };
  #timer: unknown = null;
  #asking: AbortController | null = null;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  view = (): SearchView => this.#view;

  /** What stands in the box now. What was found stays until there is better. */
  type(query: string): void {
    this.#parts.clearTimeout(this.#timer);
    this.#asking?.abort();
    if (query.trim() === '') return this.#set({ query, state: 'off', found: [] });
    this.#set({ query, state: 'searching' });
    this.#timer = this.#parts.setTimeout(() => void this.#ask(query), PAUSE_MS);
  }

  async #ask(query: string): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const { conversations } = await this.#parts.api.list(query, null, FOUND_MAX, asking.signal);
      if (!asking.signal.aborted) this.#set({ state: 'found', found: conversations });
    } catch {
      if (!asking.signal.aborted) this.#set({ state: 'failed', found: [] });
    }
  }

  #set(change: Partial<SearchView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
