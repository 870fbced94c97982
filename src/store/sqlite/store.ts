/**
 * The embedded store: SQLite in one worker thread. What resolved survives `kill -9`; what was appended as
 * `sync`, accepted, deleted or revoked, and all before it, survives a power loss too.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { FaultError } from '../../faults.ts';
import type { Choice, ContextFill } from '../../transport/protocol.ts';
import type { MessagePage } from '../../transport/views.ts';
import type {
  Branch,
  ConversationRecord,
  ForkOutcome,
  ImportedConversation,
  PageBounds,
  PinOutcome,
  RecordPage,
  Snapshot,
  SweepRules,
  Swept,
} from '../history.ts';
import {
  type Accepted,
  type ConversationKey,
  type Lease,
  type NewRow,
  type Position,
  type ReadResult,
  type Row,
  type RunCommand,
  type RunRecord,
  type Store,
  userOf,
} from '../store.ts';
import { Tails } from '../tails.ts';
import type { Upload } from '../uploads.ts';
import { SqliteShares } from './shares.ts';

type Told = { changed: [ConversationKey] };

export class SqliteStore extends SqliteShares implements Store {
  readonly cluster = null;
  readonly #tails = new Tails();
  readonly #told = new EventEmitter<Told>().setMaxListeners(0);

  head(key: ConversationKey): Promise<{ exists: boolean; head: Position | null }> {
    return this.link.call('head', key);
  }

  async acquire(key: ConversationKey): Promise<Lease> {
    const lease = await this.link.call<Lease>('acquire', key, randomUUID());
    // A row of this very term: what was cut off has ended, and those who watch are to read it.
    if (lease.head?.term !== lease.term) return lease;
    this.#tails.tell(key, null);
    this.#told.emit('changed', key);
    this.charged(userOf(key), true);
    return lease;
  }

  /** There is no other server that could want it. */
  async release(): Promise<void> {}

  async append(lease: Lease, rows: readonly NewRow[], durability: 'batch' | 'sync'): Promise<void> {
    const { key, term } = lease;
    const first = await this.link.append({ key, term, rows, sync: durability === 'sync' });
    if (first === null) throw new FaultError('store.unavailable', 'the lease was lost');
    this.#tails.tell(
      key,
      rows.map(({ runId, chunk }, i) => ({ term, seq: first + i, runId, chunk })),
    );
    const marks = rows.flatMap((row) => row.marks ?? []);
    if (marks.length > 0) this.#told.emit('changed', key);
    if (marks.length > 0) this.charged(userOf(key), marks.includes('runEnded'));
  }

  read(...asked: Parameters<Store['read']>): Promise<ReadResult> {
    return this.link.call('read', ...asked);
  }

  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void {
    return this.#tails.join(key, onAppended);
  }

  accept(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#keep(key, command, false);
  }

  park(key: ConversationKey, command: RunCommand): Promise<Accepted> {
    return this.#keep(key, command, true);
  }

  unpark(key: ConversationKey, runId: string): Promise<boolean> {
    return this.link.call('unpark', userOf(key), runId);
  }

  parked(): Promise<RunRecord[]> {
    return this.link.call('waiting', true);
  }

  async withdraw(key: ConversationKey, runId: string): Promise<boolean> {
    const withdrawn = await this.link.call<boolean>('withdraw', key, runId);
    this.#told.emit('changed', key);
    this.charged(userOf(key), true);
    return withdrawn;
  }

  run(user: string, runId: string): Promise<RunRecord | null> {
    return this.link.call('run', user, runId);
  }

  waiting(): Promise<RunRecord[]> {
    return this.link.call('waiting', false);
  }

  putUpload(user: string, upload: Upload): Promise<boolean> {
    return this.link.call('putUpload', user, upload);
  }

  upload(user: string, id: string): Promise<Upload | null> {
    return this.link.call('upload', user, id);
  }

  choice(key: ConversationKey): Promise<Choice> {
    return this.link.call('choice', key);
  }

  choose(key: ConversationKey, choice: Choice): Promise<boolean> {
    return this.link.call('choose', key, choice, randomUUID());
  }

  list(user: string, before: string | null, limit: number): Promise<RecordPage> {
    return this.link.call('list', user, before, limit);
  }

  search(...asked: Parameters<Store['search']>): Promise<RecordPage> {
    return this.link.call('search', ...asked);
  }

  conversation(key: ConversationKey): Promise<ConversationRecord | null> {
    return this.link.call('conversation', key);
  }

  rename(key: ConversationKey, title: string, by: 'user' | 'claude'): Promise<boolean> {
    return this.#change('rename', key, title, by);
  }

  async pin(key: ConversationKey, pinned: boolean): Promise<PinOutcome> {
    const outcome = await this.link.call<PinOutcome>('pin', key, pinned);
    if (outcome === 'done') this.#told.emit('changed', key);
    return outcome;
  }

  remove(key: ConversationKey, now: number): Promise<boolean> {
    return this.#change('remove', key, now);
  }

  restore(key: ConversationKey): Promise<boolean> {
    return this.#change('restore', key);
  }

  messages(...asked: Parameters<Store['messages']>): Promise<MessagePage> {
    return this.link.call('messages', ...asked);
  }

  result(key: ConversationKey, toolCallId: string): Promise<string | null> {
    return this.link.call('result', key, toolCallId);
  }

  setContext(key: ConversationKey, fill: ContextFill): Promise<void> {
    return this.link.call('setContext', key, fill);
  }

  context(key: ConversationKey): Promise<ContextFill | null> {
    return this.link.call('context', key);
  }

  snapshot(key: ConversationKey, bounds: PageBounds): Promise<Snapshot> {
    return this.link.call('snapshot', key, bounds);
  }

  importConversation(key: ConversationKey, imported: ImportedConversation): Promise<boolean> {
    return this.#change('importConversation', key, imported, randomUUID());
  }

  async fork(key: ConversationKey, beforeRun: string, to: ConversationKey): Promise<ForkOutcome> {
    const outcome = await this.link.call<ForkOutcome>('fork', key, beforeRun, to, randomUUID());
    if (outcome === 'forked') this.#told.emit('changed', to);
    return outcome;
  }

  branches(key: ConversationKey): Promise<Branch[]> {
    return this.link.call('branches', key);
  }

  async sweep(rules: SweepRules): Promise<Swept> {
    const swept = await this.link.call<Swept>('sweep', rules, randomUUID());
    if (swept.forgotten) this.#told.emit('changed', swept.forgotten.key);
    if (swept.forgotten) this.charged(userOf(swept.forgotten.key), true);
    return swept;
  }

  backup(file: string): Promise<void> {
    return this.link.call('backup', file);
  }

  onChanged(listener: (key: ConversationKey) => void): () => void {
    this.#told.on('changed', listener);
    return () => this.#told.off('changed', listener);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  async #keep(key: ConversationKey, command: RunCommand, parked: boolean): Promise<Accepted> {
    const kept = await this.link.call<Accepted>('accept', key, command, parked, randomUUID());
    if (kept === 'accepted') this.#told.emit('changed', key);
    return kept;
  }

  async #change(
    op: 'rename' | 'remove' | 'restore' | 'importConversation',
    key: ConversationKey,
    ...args: unknown[]
  ): Promise<boolean> {
    const changed = await this.link.call<boolean>(op, key, ...args);
    if (changed) this.#told.emit('changed', key);
    return changed;
  }
}
