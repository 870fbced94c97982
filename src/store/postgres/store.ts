/**
 * The store that several servers share: PostgreSQL. What resolved is committed, and survives what the database
 * survives; see docs/scaling.md for what it must be told to survive more than a crash.
 */
import type { Choice } from '../../transport/protocol.ts';
import { Days } from '../days.ts';
import type { History } from '../history.ts';
import { rising } from '../rising.ts';
import type {
  Accepted,
  ConversationKey,
  Lease,
  NewRow,
  Position,
  ReadResult,
  Row,
  RunCommand,
  RunRecord,
  Store,
} from '../store.ts';
import { PostgresCluster } from './cluster.ts';
import { Database, type DatabaseSettings } from './database.ts';
import { PostgresHistory } from './history.ts';
import { PostgresJournal } from './journal.ts';
import { PostgresLimits } from './limits.ts';
import type { NoticeBoard } from './notices.ts';
import { PostgresPrompts } from './prompts.ts';
import { PostgresRecords } from './records.ts';
import { PostgresShares } from './shares.ts';
import { PostgresSignIns } from './sign-ins.ts';
import { PostgresUploads } from './uploads.ts';

export interface PostgresSettings extends DatabaseSettings {
  /** Where the days of limits begin. */
  readonly timeZone?: string;
  /** The same database, where a connection stays one; null: `url` is so. */
  readonly listenUrl?: string | null;
  /** See CHAT_LEASE_MS. */
  readonly leaseMs: number;
  readonly onError?: (error: unknown) => void;
  /** Epoch ms; by default the database's clock. */
  readonly now?: () => number;
}

interface Parts {
  readonly db: Database;
  readonly board: NoticeBoard;
  readonly cluster: PostgresCluster;
  readonly now: () => number;
  readonly days: Days;
}

export class PostgresStore extends PostgresRecords implements Store {
  readonly cluster: PostgresCluster;
  readonly #db: Database;
  readonly #journal: PostgresJournal;
  readonly #prompts: PostgresPrompts;
  readonly #history: PostgresHistory;

  private constructor(parts: Parts) {
    const { db, board, cluster } = parts;
    super({
      limits: new PostgresLimits(parts),
      signIns: new PostgresSignIns(parts),
      shares: new PostgresShares(parts),
      uploads: new PostgresUploads(parts),
    });
    this.cluster = cluster;
    this.#db = db;
    const now = rising(parts.now);
    const { membership } = cluster;
    this.#journal = new PostgresJournal({ db, board, now, membership });
    this.#prompts = new PostgresPrompts({ db, board, now, membership, journal: this.#journal });
    this.#history = new PostgresHistory(parts);
  }

  /** Makes the tables where there are none, and joins the nodes that share them. */
  static async open(settings: PostgresSettings): Promise<PostgresStore> {
    const { url, listenUrl, now } = settings;
    // One that has a way past a pooler has a pooler.
    const prepares = (listenUrl ?? url) === url;
    const db = new Database({ prepares, ...settings });
    const days = new Days(settings.timeZone ?? 'UTC');
    try {
      await db.migrate();
      const cluster = await PostgresCluster.open(db, { ...settings, listenUrl: listenUrl ?? url });
      return new PostgresStore({
        ...{ db, days, cluster, board: cluster.board },
        now: now ?? (() => cluster.now()),
      });
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  head(key: ConversationKey): Promise<{ exists: boolean; head: Position | null }> {
    return this.#journal.head(key);
  }

  acquire(key: ConversationKey): Promise<Lease> {
    return this.#journal.acquire(key);
  }

  release(lease: Lease): Promise<void> {
    return this.#journal.release(lease);
  }

  /** Whatever the durability: a commit is one of the database's. */
  append(lease: Lease, rows: readonly NewRow[]): Promise<void> {
    return this.#journal.append(lease, rows);
  }

  read(...asked: Parameters<Store['read']>): Promise<ReadResult> {
    return this.#journal.read(...asked);
  }

  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void {
    const leave = this.#journal.tail(key, onAppended);
    const unwatch = this.cluster.watch(key);
    return () => {
      unwatch();
      leave();
    };
  }

  accept(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#prompts.accept(key, command);
  }

  park(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#prompts.park(key, command);
  }

  unpark(key: ConversationKey, runId: string): Promise<boolean> {
    return this.#prompts.unpark(key, runId);
  }

  withdraw(key: ConversationKey, runId: string): Promise<boolean> {
    return this.#prompts.withdraw(key, runId);
  }

  run(user: string, runId: string): Promise<RunRecord | null> {
    return this.#prompts.run(user, runId);
  }

  waiting(): Promise<RunRecord[]> {
    return this.#prompts.waiting();
  }

  parked(): Promise<RunRecord[]> {
    return this.#prompts.parked();
  }

  choice(key: ConversationKey): Promise<Choice> {
    return this.#history.choice(key);
  }

  choose(key: ConversationKey, choice: Choice): Promise<boolean> {
    return this.#history.choose(key, choice);
  }

  list(...asked: Parameters<History['list']>) {
    return this.#history.list(...asked);
  }

  search(...asked: Parameters<History['search']>) {
    return this.#history.search(...asked);
  }

  conversation(...asked: Parameters<History['conversation']>) {
    return this.#history.conversation(...asked);
  }

  rename(...asked: Parameters<History['rename']>) {
    return this.#history.rename(...asked);
  }

  pin(...asked: Parameters<History['pin']>) {
    return this.#history.pin(...asked);
  }

  remove(...asked: Parameters<History['remove']>) {
    return this.#history.remove(...asked);
  }

  restore(...asked: Parameters<History['restore']>) {
    return this.#history.restore(...asked);
  }

  messages(...asked: Parameters<History['messages']>) {
    return this.#history.messages(...asked);
  }

  result(...asked: Parameters<History['result']>) {
    return this.#history.result(...asked);
  }

  setContext(...asked: Parameters<History['setContext']>) {
    return this.#history.setContext(...asked);
  }

  context(...asked: Parameters<History['context']>) {
    return this.#history.context(...asked);
  }

  snapshot(...asked: Parameters<History['snapshot']>) {
    return this.#history.snapshot(...asked);
  }

  importConversation(...asked: Parameters<History['importConversation']>) {
    return this.#history.importConversation(...asked);
  }

  fork(...asked: Parameters<History['fork']>) {
    return this.#history.fork(...asked);
  }

  branches(...asked: Parameters<History['branches']>) {
    return this.#history.branches(...asked);
  }

  sweep(...asked: Parameters<History['sweep']>) {
    return this.#history.sweep(...asked);
  }

  backup(...asked: Parameters<History['backup']>) {
    return this.#history.backup(...asked);
  }

  onChanged(...asked: Parameters<History['onChanged']>) {
    return this.#history.onChanged(...asked);
  }

  /** What this node had is free for others to take at once. */
  async close(): Promise<void> {
    await this.cluster.close();
    await this.#db.close();
  }
}
