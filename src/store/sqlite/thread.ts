/** The way to the worker thread and back. Calls are answered in the order they were made. */
import { Worker } from 'node:worker_threads';
import { FaultError } from '../../faults.ts';
import { CommitBucket } from '../commit-bucket.ts';
import type { Operations } from './database.ts';
import type { Append } from './journal-tables.ts';
import { pack } from './packed-appends.ts';
import type { Answer, Call, Fault, Message } from './worker.ts';

/** Where the database is run: in a thread of its own, or, in tests, right here. */
export interface DatabaseLink {
  call<T>(op: keyof Operations, ...args: unknown[]): Promise<T>;
  /** Resolves to the seq of the first row when durable; null: the lease is void. */
  append(append: Append): Promise<number | null>;
  close(): Promise<void>;
}

export class DatabaseThread implements DatabaseLink {
  readonly #worker: Worker;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  /** Appends that go to the worker with the next message: each one wakes both threads. */
  #waiting: Append[] = [];
  /** Of appends that wait or are with the worker, in their order. */
  readonly #unanswered: PromiseWithResolvers<number | null>[] = [];
  readonly #bucket = new CommitBucket(() => this.#waiting.length > 0 && this.#post(null), {
    now: () => performance.now(),
    setTimeout,
  });
  #lastId = 0;
  #failure: Error | null = null;

  /**
   * @param file The database; made when it is not there. Problems with it show at the first call.
   * @param timeZone Where the days of limits begin.
   */
  constructor(file: string, timeZone = 'UTC') {
    const entry = new URL(
      import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
      import.meta.url,
    );
    this.#worker = new Worker(entry, { workerData: { file, timeZone } });
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the store was closed')));
  }

  call<T>(op: keyof Operations, ...args: unknown[]): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(this.#lastId, answer);
    this.#post({ id: this.#lastId, op, args }); // at once, and takes along what was appended before it
    return answer.promise as Promise<T>;
  }

  append(append: Append): Promise<number | null> {
    if (this.#failure) return Promise.reject(this.#failure);
    const answer = Promise.withResolvers<number | null>();
    this.#unanswered.push(answer);
    this.#waiting.push(append);
    this.#bucket.request();
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.call('close');
    await this.#worker.terminate();
  }

  #post(call: Call | null): void {
    const appends = this.#waiting.length > 0 ? pack(this.#waiting) : null;
    this.#waiting = [];
    const message: Message = { appends, call };
    this.#worker.postMessage(message);
  }

  #settle(answer: Answer): void {
    if ('firsts' in answer) {
      const answered = this.#unanswered.splice(0, answer.firsts.length);
      for (const [i, { resolve }] of answered.entries()) resolve(answer.firsts[i] ?? null);
    } else if ('appends' in answer) {
      for (const { reject } of this.#unanswered.splice(0, answer.appends)) reject(errorOf(answer));
    } else {
      const call = this.#calls.get(answer.id);
      this.#calls.delete(answer.id);
      if ('fault' in answer) call?.reject(errorOf(answer));
      else call?.resolve(answer.result);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const unanswered = [...this.#calls.values(), ...this.#unanswered.splice(0)];
    for (const { reject } of unanswered) reject(this.#failure);
    this.#calls.clear();
  }
}

function errorOf({ fault, detail }: Fault): FaultError {
  return new FaultError(fault, detail);
}
