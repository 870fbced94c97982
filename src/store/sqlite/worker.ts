/**
 * The thread that owns the database, so that a slow disk never holds up a socket. Calls are answered in
 * order; the appends of one message are one commit, and are answered when it is durable.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FaultCode } from '../../faults.ts';
import { Database } from './database.ts';
import { faultOf } from './fault-of.ts';
import type { Append } from './journal-tables.ts';

/** A call by name, or an append; `id` comes back with the answer. */
export type Call =
  | { id: number; op: keyof typeof operations; args: unknown[] }
  | { id: number; append: Append };
export type Answer =
  | { id: number; result: unknown }
  | { id: number; fault: FaultCode; detail: string };

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');

const { file } = workerData as { file: string };
const database = new Database(file, Date.now);
const { journal, runs, signIns, limits } = database;

const operations = {
  head: journal.head.bind(journal),
  acquire: journal.acquire.bind(journal),
  read: journal.read.bind(journal),
  accept: journal.accept.bind(journal),
  withdraw: runs.withdraw.bind(runs),
  run: runs.run.bind(runs),
  waiting: runs.waiting.bind(runs),
  putSignIn: signIns.put.bind(signIns),
  getSignIn: signIns.get.bind(signIns),
  extendSignIn: signIns.extend.bind(signIns),
  revoke: signIns.revoke.bind(signIns),
  take: limits.take.bind(limits),
  giveBack: limits.giveBack.bind(limits),
  uses: limits.uses.bind(limits),
  close: () => database.close(),
};

let waiting: { id: number; append: Append }[] = [];

port.on('message', (calls: Call[]) => {
  for (const call of calls) {
    if ('append' in call) waiting.push(call);
    else operate(call);
  }
  commitWaiting();
});

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
      () => journal.commit(batch.map(({ append }) => append)),
    );
}

function answer(ids: readonly number[], work: () => readonly unknown[]): void {
  try {
    const results = work();
    port?.postMessage(ids.map((id, i) => ({ id, result: results[i] })));
  } catch (error) {
    const detail = String((error as Error).message);
    port?.postMessage(ids.map((id) => ({ id, fault: faultOf(error), detail })));
  }
}
