/** The way to the worker thread and back. Calls are answered in the order they were made. */
import { Worker } from 'node:worker_threads';
import { FaultError } from '../../faults.ts';
import { CommitBucket } from '../commit-bucket.ts';
import type { Operations } from './database.ts';
import type { Append } from './journal-tables.ts';
import type { Answer, Call } from './worker.ts';

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
  /** What goes to the worker with the next message: each one wakes both threads. */
  #waiting: Call[] = [];
  readonly #bucket = new CommitBucket(() => this.#post(), {
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
    this.#worker.on('message', (answers: Answer[]) => {
      for (const answer of answers) this.#settle(answer);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the store was closed')));
  }

  call<T>(op: keyof Operations, ...args: unknown[]): Promise<T> {
    const answer = this.#ask<T>((id) => ({ id, op, args }));
    this.#post(); // a question goes at once, and takes along what was appended before it
    return answer;
  }

  append(append: Append): Promise<number | null> {
    const answer = this.#ask<number | null>((id) => ({ id, append }));
    this.#bucket.request();
    return answer;
  }

  async close(): Promise<void> {
    await this.call('close');
    await this.#worker.terminate();
  }

  #ask<T>(make: (id: number) => Call): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(this.#lastId, answer);
    this.#waiting.push(make(this.#lastId));
    return answer.promise as Promise<T>;
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
