/**
 * Appends on their way: those of many conversations that wait together are one statement, and of one conversation
 * one is under way at a time, so that its rows stand in the order they were given. Where an answer is lost, what it
 * said is looked up, as long as this node's lease lasts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { FaultError } from '../../faults.ts';
import { CommitBucket } from '../commit-bucket.ts';
import type { ConversationKey, NewRow, Position } from '../store.ts';
import type { Database } from './database.ts';
import { isMarked, keepMarks } from './marks.ts';
import { type Addition, insertRows, landed } from './rows.ts';

/** Statements under way at once: what waits meanwhile goes together. */
const STATEMENTS_MAX = 4;
/** UTF-16 units of chunks that one statement takes before it is sent. */
const STATEMENT_UNITS_MAX = 1024 * 1024;
const RETRY_MS = 50;

/** A conversation that this node may append to, as far as it knows. */
export interface Held {
  readonly conversation: number;
  readonly key: ConversationKey;
  readonly node: string;
  readonly term: number;
  /** The last row. */
  head: Position | null;
  /** Nothing more is appended under it. */
  lost: boolean;
  waiting: Waiting[];
  underWay: boolean;
}

interface Waiting {
  readonly rows: readonly NewRow[];
  resolve(): void;
  reject(error: unknown): void;
}

export interface AppendBatcherParts {
  readonly db: Database;
  readonly now: () => number;
  /** Until when this node's leases are good, by `performance.now()`. */
  readonly deadline: () => number;
  /** Called once for each addition, in the order of a conversation's rows, before who waits for it hears. */
  readonly onAppended: (addition: Addition, watched: boolean) => void;
}

export class AppendBatcher {
  readonly #parts: AppendBatcherParts;
  readonly #ready = new Set<Held>();
  readonly #waiters = new Map<Addition, { held: Held; waiting: Waiting[] }>();
  readonly #bucket = new CommitBucket(() => this.#send(), {
    now: () => performance.now(),
    setTimeout,
  });
  #statements = 0;

  constructor(parts: AppendBatcherParts) {
    this.#parts = parts;
  }

  /** Resolves when the rows are durable. @throws {FaultError} `store.unavailable` when the lease is void. */
  append(held: Held, rows: readonly NewRow[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    held.waiting.push({ rows, resolve, reject });
    this.#wake(held);
    return promise;
  }

  #wake(held: Held): void {
    if (held.waiting.length === 0) return;
    this.#ready.add(held);
    if (!held.underWay) this.#bucket.request();
  }

  /** What has marks goes in a transaction of its own: it takes several round trips. */
  #send(): void {
    const plain: Addition[] = [];
    let units = 0;
    for (const held of this.#ready) {
      if (held.underWay) continue;
      const marked = held.waiting.some(({ rows }) => rows.some(isMarked));
      if (!marked && (this.#statements === STATEMENTS_MAX || units > STATEMENT_UNITS_MAX)) continue;
      const addition = this.#take(held);
      if (marked) void this.#commit([addition], (all) => this.#addMarked(all));
      else plain.push(addition);
      if (!marked) units += addition.rows.reduce((sum, { chunk }) => sum + chunk.length, 0);
    }
    if (plain.length > 0) void this.#statement(plain);
  }

  async #statement(plain: readonly Addition[]): Promise<void> {
    this.#statements += 1;
    await this.#commit(plain, (all) => insertRows(this.#parts.db, all));
    this.#statements -= 1;
    if (this.#ready.size > 0) this.#bucket.request();
  }

  #take(held: Held): Addition {
    const { waiting, conversation, key, node, term, head } = held;
    const rows = waiting.flatMap((entry) => entry.rows);
    const addition: Addition = { conversation, key, node, term, after: head, rows };
    this.#ready.delete(held);
    this.#waiters.set(addition, { held, waiting });
    held.waiting = [];
    held.underWay = true;
    return addition;
  }

  #addMarked(additions: readonly Addition[]): Promise<Added> {
    const { db, now } = this.#parts;
    return db.transaction(async (sql) => {
      const added = await insertRows(sql, additions);
      for (const addition of additions)
        if (added.has(addition.conversation)) await keepMarks(sql, addition, now);
      return added;
    });
  }

  /** Tries until it is known what became of each. The same again adds nothing twice: its place is taken then. */
  async #commit(
    additions: readonly Addition[],
    write: (additions: readonly Addition[]) => Promise<Added>,
  ): Promise<void> {
    for (let isCertain = true; ; ) {
      if (this.#isLost(additions)) return this.#allLost(additions);
      try {
        const added = await write(additions);
        const missing = additions.filter(({ conversation }) => !added.has(conversation));
        const found =
          isCertain || missing.length === 0 ? NONE : await landed(this.#parts.db, missing);
        for (const addition of additions) {
          const { conversation } = addition;
          if (!added.has(conversation) && !found.has(conversation)) this.#lost(addition);
          else this.#added(addition, added.get(conversation)?.watched ?? true);
        }
        return;
      } catch (error) {
        if (isRefusal(error)) return this.#refused(additions, write, error);
        isCertain = false;
        await pause(RETRY_MS);
      }
    }
  }

  /** One that cannot be kept takes no other with it. */
  async #refused(
    additions: readonly Addition[],
    write: (additions: readonly Addition[]) => Promise<Added>,
    error: unknown,
  ): Promise<void> {
    const [only] = additions;
    if (additions.length === 1 && only) this.#settle(only, (waiting) => waiting.reject(error));
    else for (const addition of additions) await this.#commit([addition], write);
  }

  #added(addition: Addition, watched: boolean): void {
    const held = this.#waiters.get(addition)?.held;
    const { term, after, rows } = addition;
    if (held) held.head = { term, seq: (after?.seq ?? 0) + rows.length };
    this.#parts.onAppended(addition, watched);
    this.#settle(addition, (waiting) => waiting.resolve());
  }

  /** This node's lease has ended, or each one's right was given up or taken anew here. */
  #isLost(additions: readonly Addition[]): boolean {
    if (performance.now() >= this.#parts.deadline()) return true;
    return additions.every((addition) => this.#waiters.get(addition)?.held.lost !== false);
  }

  #allLost(additions: readonly Addition[]): void {
    for (const addition of additions) this.#lost(addition);
  }

  #lost(addition: Addition): void {
    const held = this.#waiters.get(addition)?.held;
    if (held) held.lost = true;
    this.#settle(addition, (waiting) => waiting.reject(leaseLost()));
    if (held) for (const waiting of held.waiting.splice(0)) waiting.reject(leaseLost());
  }

  #settle(addition: Addition, settle: (waiting: Waiting) => void): void {
    const entry = this.#waiters.get(addition);
    this.#waiters.delete(addition);
    if (!entry) return;
    entry.held.underWay = false;
    for (const waiting of entry.waiting) settle(waiting);
    this.#wake(entry.held);
  }
}

type Added = ReadonlyMap<number, { readonly watched: boolean }>;

const NONE: ReadonlySet<number> = new Set();

export function leaseLost(): FaultError {
  return new FaultError('store.unavailable', 'the lease was lost');
}

/** Whether the database has answered that it will not: all else may have come through. */
function isRefusal(error: unknown): boolean {
  if (error instanceof FaultError) return error.code !== 'store.unavailable';
  return !CONFLICTS.has(String((error as { code?: unknown }).code));
}

/** Serialization failure, deadlock. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);
