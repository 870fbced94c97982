/**
 * The embedded store: SQLite in one worker thread. What resolved survives `kill -9`; what was appended as
 * `sync`, accepted or revoked, and all before it, survives a power loss too.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FaultError } from '../../faults.ts';
import type {
  ConversationKey,
  Lease,
  LimitRule,
  LimitUse,
  NewRow,
  Position,
  ReadResult,
  Row,
  RunCommand,
  RunRecord,
  SignIn,
  Store,
  Taken,
} from '../store.ts';
import { Tails } from '../tails.ts';
import { CommitBucket } from './commit-bucket.ts';
import type { Answer, Call } from './worker.ts';

type Operation = Extract<Call, { op: unknown }>['op'];

export class SqliteStore implements Store {
  readonly #worker: Worker;
  readonly #calls = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #tails = new Tails();
  readonly #revoked = new EventEmitter<{ revoked: [string] }>().setMaxListeners(0);
  /** What goes to the worker with the next message: each one wakes both threads. */
  #waiting: Call[] = [];
  readonly #bucket = new CommitBucket(() => this.#post(), {
    now: () => performance.now(),
    setTimeout,
  });
  #lastId = 0;
  #failure: Error | null = null;

  /** @param file The database; made when it is not there. Problems with it show at the first call. */
  constructor(file: string) {
    const entry = new URL(
      import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
      import.meta.url,
    );
    this.#worker = new Worker(entry, { workerData: { file } });
    this.#worker.on('message', (answers: Answer[]) => {
      for (const answer of answers) this.#settle(answer);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the store was closed')));
  }

  head(key: ConversationKey) {
    return this.#call<{ exists: boolean; head: Position | null }>('head', key);
  }

  async acquire(key: ConversationKey): Promise<Lease> {
    const lease = await this.#call<Lease>('acquire', key, randomUUID());
    // A row of this very term: a run that was cut off has ended, and those who watch are to read it.
    if (lease.head?.term === lease.term) this.#tails.tell(key, null);
    return lease;
  }

  async append(lease: Lease, rows: readonly NewRow[], durability: 'batch' | 'sync'): Promise<void> {
    const { key, term } = lease;
    const sync = durability === 'sync';
    const first = await this.#send<number | null>((id) => ({
      id,
      append: { key, term, rows, sync },
    }));
    if (first === null) throw new FaultError('store.unavailable', 'the lease was lost');
    this.#tails.tell(
      key,
      rows.map(({ runId, chunk }, i) => ({ term, seq: first + i, runId, chunk })),
    );
  }

  read(key: ConversationKey, after: Position | null, limit: number): Promise<ReadResult> {
    return this.#call('read', key, after, limit);
  }

  tail(key: ConversationKey, onAppended: (rows: readonly Row[] | null) => void): () => void {
    return this.#tails.join(key, onAppended);
  }

  accept(
    key: ConversationKey,
    command: RunCommand,
  ): Promise<'accepted' | 'duplicate' | 'conflict'> {
    return this.#call('accept', key, command, randomUUID());
  }

  withdraw(key: ConversationKey, runId: string): Promise<void> {
    return this.#call('withdraw', key, runId);
  }

  run(user: string, runId: string): Promise<RunRecord | null> {
    return this.#call('run', user, runId);
  }

  waiting(): Promise<RunRecord[]> {
    return this.#call('waiting');
  }

  putSignIn(signIn: SignIn): Promise<void> {
    return this.#call('putSignIn', signIn);
  }

  getSignIn(idHash: string, now: number): Promise<SignIn | null> {
    return this.#call('getSignIn', idHash, now);
  }

  extendSignIn(idHash: string, expiresAt: number): Promise<boolean> {
    return this.#call('extendSignIn', idHash, expiresAt);
  }

  revokeSignIn(idHash: string): Promise<void> {
    return this.#revoke('id_hash', idHash);
  }

  revokeUser(user: string): Promise<void> {
    return this.#revoke('user', user);
  }

  onRevoked(listener: (idHash: string) => void): () => void {
    this.#revoked.on('revoked', listener);
    return () => this.#revoked.off('revoked', listener);
  }

  take(user: string, rules: readonly LimitRule[], now: number): Promise<Taken> {
    return this.#call('take', user, rules, now);
  }

  giveBack(user: string, ticket: string): Promise<void> {
    return this.#call('giveBack', user, ticket);
  }

  uses(user: string, rules: readonly LimitRule[], now: number): Promise<LimitUse[]> {
    return this.#call('uses', user, rules, now);
  }

  async close(): Promise<void> {
    await this.#call('close');
    await this.#worker.terminate();
  }

  async #revoke(column: 'id_hash' | 'user', value: string): Promise<void> {
    for (const idHash of await this.#call<string[]>('revoke', column, value))
      this.#revoked.emit('revoked', idHash);
  }

  #call<T>(op: Operation, ...args: unknown[]): Promise<T> {
    return this.#send((id) => ({ id, op, args }));
  }

  #send<T>(make: (id: number) => Call): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      const call = make(id);
      this.#waiting.push(call);
      // A question goes at once, and takes along what was appended before it.
      if ('append' in call) this.#bucket.request();
      else this.#post();
    }) as Promise<T>;
  }

  #post(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    if (calls.length > 0) this.#worker.postMessage(calls);
  }

  #settle(answer: Answer): void {
    const call = this.#calls.get(answer.id);
    this.#calls.delete(answer.id);
    if ('fault' in answer) call?.reject(new FaultError(answer.fault, answer.detail));
    else call?.resolve(answer.result);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#failure);
    this.#calls.clear();
  }
}
