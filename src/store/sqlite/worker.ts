/**
 * The thread that owns the database, so that a slow disk never holds up a socket. Calls are answered in
 * order; the appends of one message are one commit, and are answered when it is durable.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FaultCode } from '../../faults.ts';
import { type Operations, openDatabase } from './database.ts';
import { faultOf } from './fault-of.ts';
import type { Append } from './journal-tables.ts';

/** A call by name, or an append; `id` comes back with the answer. */
export type Call =
  | { id: number; op: keyof Operations; args: unknown[] }
  | { id: number; append: Append };
export type Answer =
  | { id: number; result: unknown }
  | { id: number; fault: FaultCode; detail: string };

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');

const { file, timeZone } = workerData as { file: string; timeZone: string };
const operations = openDatabase(file, Date.now, timeZone);

let waiting: { id: number; append: Append }[] = [];

port.on('message', (calls: Call[]) => {
  for (const call of calls) {
    if ('append' in call) waiting.push(call);
    else operate(call);
  }
  commitWaiting();
  setImmediate(foldNext);
});
setImmediate(foldNext);

function operate(call: Extract<Call, { op: unknown }>): void {
  commitWaiting(); // what was appended before is in the database before anything is asked about it
  const operation = operations[call.op] as (...args: unknown[]) => unknown;
  answer([call.id], () => [operation(...call.args)]);
}

function commitWaiting(): void {
  const batch = waiting;
  waiting = [];
  if (batch.length > 0)
    answer(
      batch.map(({ id }) => id),
      () => operations.commit(batch.map(({ append }) => append)),
    );
}

/** Between messages, so that nobody waits for it. One that fails is tried again after the next message. */
function foldNext(): void {
  try {
    if (operations.foldOne()) setImmediate(foldNext);
  } catch {}
}

function answer(ids: readonly number[], work: () => readonly unknown[]): void {
  try {
    const results = work();
    const [first] = results;
    if (first instanceof Promise) return void first.then((result) => reply(ids, [result]), fail);
    reply(ids, results);
  } catch (error) {
    fail(error);
  }

  function fail(error: unknown): void {
    const detail = String((error as Error).message);
    port?.postMessage(ids.map((id) => ({ id, fault: faultOf(error), detail })));
  }
}

function reply(ids: readonly number[], results: readonly unknown[]): void {
  port?.postMessage(ids.map((id, i) => ({ id, result: results[i] })));
}
