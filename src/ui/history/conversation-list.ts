/**
 * The user's conversations as this page knows them: pages fetched, changes told by the server, and what the user
 * does to them here. The server is right: what it says replaces what was assumed.
 */
import type { ConversationPage, ConversationView } from '../../transport/views.ts';
import type { ToldFrame } from '../chat/client.ts';
import type { HistoryApi } from './api.ts';
import { problemWords } from './problem-words.ts';

const PAGE = 30;
const PAGE_MAX = 100;
/** The server waits ten seconds; an undo at the last moment must still arrive. */
const UNDO_MS = 9_000;

export type Found = ConversationPage['conversations'][number];

export interface ListView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Pinned ones first, then last used first. */
  readonly conversations: readonly Found[];
  readonly more: 'none' | 'some' | 'loading' | 'failed';
  /** What is wrong, where something failed that the user asked for. */
  readonly problem: string | null;
  /** Just deleted, and still to be had back. */
  readonly removed: ConversationView | null;
}

export interface ConversationListParts {
  readonly api: HistoryApi;
  readonly setTimeout: (fn: () => void, ms: number) => unknown;
  readonly clearTimeout: (id: unknown) => void;
}

export class ConversationList {
  readonly #parts: ConversationListParts;
  readonly #listeners = new Set<() => void>();
  #view: ListView = {
    state: 'loading',
    conversations: [],
    more: 'none',
    problem: null,
    removed: null,
  };
  #before: string | null = null;
  /** What the server told while a page was on its way; the page may be older. */
  #told: Map<string, ConversationView | null> | null = null;
  #fetches = 0;
  #undoTimer: unknown = null;

  constructor(parts: ConversationListParts) {
    this.#parts = parts;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  view = (): ListView => this.#view;

  get(threadId: string): ConversationView | undefined {
    return this.#view.conversations.find((known) => known.threadId === threadId);
  }

  /** A frame of the socket: changes are applied, and after a reconnect all is asked anew. */
  receive(frame: ToldFrame): void {
    if (frame.type === 'caughtUp') void this.refresh();
    if (frame.type !== 'conversation') return;
    this.#told?.set(frame.threadId, frame.conversation);
    this.#apply(frame.threadId, frame.conversation);
  }

  /** As many as are shown now, from the first on. */
  async refresh(): Promise<void> {
    const shown = this.#view.conversations.length;
    const limit = Math.min(PAGE_MAX, Math.max(PAGE, shown));
    const page = await this.#fetch(null, limit);
    if (page === 'failed')
      this.#set({
        state: shown === 0 ? 'failed' : 'ready',
        more: this.#before === null ? 'none' : 'failed',
      });
    if (page === null || page === 'failed') return;
    this.#before = page.before;
    this.#set({ state: 'ready', conversations: page.conversations, more: moreOf(page) });
    this.#retell();
  }

  async loadMore(): Promise<void> {
    if (this.#view.more !== 'some' && this.#view.more !== 'failed') return;
    this.#set({ more: 'loading' });
    const page = await this.#fetch(this.#before, PAGE);
    if (page === 'failed') this.#set({ more: 'failed' });
    if (page === null || page === 'failed') return;
    this.#before = page.before;
    const known = new Set(this.#view.conversations.map(({ threadId }) => threadId));
    const added = page.conversations.filter(({ threadId }) => !known.has(threadId));
    const conversations = [...this.#view.conversations, ...added];
    this.#set({ conversations, more: moreOf(page) });
    this.#retell();
  }

  async rename(threadId: string, title: string): Promise<void> {
    const before = this.get(threadId);
    if (!before || title === before.title) return;
    await this.#change(before, { title }, () => this.#parts.api.rename(threadId, title));
  }

  async pin(threadId: string, pinned: boolean): Promise<void> {
    const before = this.get(threadId);
    if (!before || pinned === before.pinned) return;
    await this.#change(before, { pinned }, () => this.#parts.api.pin(threadId, pinned));
  }

  async remove(threadId: string): Promise<void> {
    const removed = this.get(threadId);
    if (!removed) return;
    this.#apply(threadId, null);
    await this.#do(
      async () => {
        await this.#parts.api.remove(threadId);
        this.#parts.clearTimeout(this.#undoTimer);
        this.#undoTimer = this.#parts.setTimeout(() => this.#set({ removed: null }), UNDO_MS);
        this.#set({ removed });
      },
      () => this.#apply(threadId, removed),
    );
  }

  /** Brings back what was deleted last. True: it is back. */
  async undo(): Promise<boolean> {
    const { removed } = this.#view;
    if (removed === null) return false;
    this.#set({ removed: null });
    return this.#do(async () =>
      this.#apply(removed.threadId, await this.#parts.api.restore(removed.threadId)),
    );
  }

  dismissProblem(): void {
    this.#set({ problem: null });
  }

  /** Null: a later fetch makes this one void. */
  async #fetch(before: string | null, limit: number): Promise<ConversationPage | 'failed' | null> {
    this.#fetches += 1;
    const own = this.#fetches;
    this.#told = new Map();
    try {
      const page = await this.#parts.api.list('', before, limit);
      return own === this.#fetches ? page : null;
    } catch {
      return own === this.#fetches ? 'failed' : null;
    }
  }

  #retell(): void {
    for (const [threadId, conversation] of this.#told ?? []) this.#apply(threadId, conversation);
    this.#told = null;
  }

  /** Shown at once, and taken back where the server refuses it. */
  async #change(
    before: ConversationView,
    change: Partial<ConversationView>,
    ask: () => Promise<ConversationView>,
  ): Promise<void> {
    const { threadId } = before;
    this.#apply(threadId, { ...before, ...change });
    await this.#do(
      async () => this.#apply(threadId, await ask()),
      () => this.#apply(threadId, before),
    );
  }

  async #do(work: () => Promise<void>, undo: () => void = () => {}): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      undo();
      this.#set({ problem: problemWords(error) });
      return false;
    }
  }

  #apply(threadId: string, conversation: ConversationView | null): void {
    const others = this.#view.conversations.filter((known) => known.threadId !== threadId);
    const conversations = conversation === null ? others : [...others, conversation];
    conversations.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt);
    this.#set({ conversations });
  }

  #set(change: Partial<ListView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function moreOf({ before }: ConversationPage): 'none' | 'some' {
  return before === null ? 'none' : 'some';
}
