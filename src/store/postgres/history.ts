/** What is kept of conversations for people, in the shared database: its parts, and who is told of their changes. */
import type { Choice, ContextFill } from '../../transport/protocol.ts';
import type { MessagePage } from '../../transport/views.ts';
import type { Days } from '../days.ts';
import type {
  Branch,
  ConversationRecord,
  ForkOutcome,
  History,
  ImportedConversation,
  PageBounds,
  PinOutcome,
  RecordPage,
  Snapshot,
  SweepRules,
  Swept,
} from '../history.ts';
import type { ConversationKey } from '../store.ts';
import { Choices } from './choices.ts';
import { ConversationList } from './conversation-list.ts';
import type { Database } from './database.ts';
import { Folding } from './folding.ts';
import { Forks } from './forks.ts';
import { Messages } from './messages.ts';
import type { NoticeBoard } from './notices.ts';
import { Results } from './results.ts';
import { Sweeper } from './sweeper.ts';

export interface HistoryParts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly days: Days;
  readonly now: () => number;
}

export class PostgresHistory implements History {
  readonly #board: NoticeBoard;
  readonly #folding: Folding;
  readonly #list: ConversationList;
  readonly #messages: Messages;
  readonly #forks: Forks;
  readonly #results: Results;
  readonly #choices: Choices;
  readonly #sweeper: Sweeper;

  constructor(parts: HistoryParts) {
    const { db, board, now } = parts;
    const folding = new Folding(db, now);
    this.#board = board;
    this.#folding = folding;
    this.#list = new ConversationList(db);
    this.#messages = new Messages(db, now);
    this.#forks = new Forks({ db, folding, now });
    this.#results = new Results(db);
    this.#choices = new Choices(db, now);
    this.#sweeper = new Sweeper({ ...parts, folding });
  }

  choice(key: ConversationKey): Promise<Choice> {
    return this.#choices.choice(key);
  }

  choose(key: ConversationKey, choice: Choice): Promise<boolean> {
    return this.#choices.choose(key, choice);
  }

  list(user: string, before: string | null, limit: number): Promise<RecordPage> {
    return this.#list.list(user, before, limit);
  }

  /** What ended just now is found too. */
  async search(
    user: string,
    query: string,
    before: string | null,
    limit: number,
  ): Promise<RecordPage> {
    while (await this.#folding.next({ user }));
    return this.#list.search(user, query, before, limit);
  }

  conversation(key: ConversationKey): Promise<ConversationRecord | null> {
    return this.#list.conversation(key);
  }

  rename(key: ConversationKey, title: string, by: 'user' | 'claude'): Promise<boolean> {
    return this.#change(key, this.#list.rename(key, title, by));
  }

  async pin(key: ConversationKey, pinned: boolean): Promise<PinOutcome> {
    const outcome = await this.#list.pin(key, pinned);
    if (outcome === 'done') this.#board.tell('changed', key);
    return outcome;
  }

  remove(key: ConversationKey, now: number): Promise<boolean> {
    return this.#change(key, this.#list.remove(key, now));
  }

  restore(key: ConversationKey): Promise<boolean> {
    return this.#change(key, this.#list.restore(key));
  }

  messages(key: ConversationKey, before: number | null, bounds: PageBounds): Promise<MessagePage> {
    return this.#messages.messages(key, before, bounds);
  }

  result(key: ConversationKey, toolCallId: string): Promise<string | null> {
    return this.#results.result(key, toolCallId);
  }

  setContext(key: ConversationKey, fill: ContextFill): Promise<void> {
    return this.#results.setContext(key, fill);
  }

  context(key: ConversationKey): Promise<ContextFill | null> {
    return this.#results.context(key);
  }

  snapshot(key: ConversationKey, bounds: PageBounds): Promise<Snapshot> {
    return this.#messages.snapshot(key, bounds);
  }

  importConversation(key: ConversationKey, imported: ImportedConversation): Promise<boolean> {
    return this.#change(key, this.#messages.importConversation(key, imported));
  }

  async fork(key: ConversationKey, beforeRun: string, to: ConversationKey): Promise<ForkOutcome> {
    const outcome = await this.#forks.fork(key, beforeRun, to);
    if (outcome === 'forked') this.#board.tell('changed', to);
    return outcome;
  }

  branches(key: ConversationKey): Promise<Branch[]> {
    return this.#forks.branches(key);
  }

  sweep(rules: SweepRules): Promise<Swept> {
    return this.#sweeper.sweep(rules);
  }

  /** The database is its operator's to copy, whole and while it serves, with what it comes with. */
  backup(_file: string): Promise<void> {
    return Promise.reject(
      new Error('the data is in PostgreSQL: copy it with pg_dump, or by its own backups'),
    );
  }

  onChanged(listener: (key: ConversationKey) => void): () => void {
    return this.#board.on('changed', listener);
  }

  async #change(key: ConversationKey, change: Promise<boolean>): Promise<boolean> {
    const changed = await change;
    if (changed) this.#board.tell('changed', key);
    return changed;
  }
}
