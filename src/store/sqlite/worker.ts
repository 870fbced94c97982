/**
 * The thread that owns the database, so that a slow disk never holds up a socket. Calls are answered in
 * order; the appends of one message are one commit, and are answered when it is durable.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FaultCode } from '../../faults.ts';
import { type Operations, openDatabase } from './database.ts';
import { faultOf } from './fault-of.ts';
import { type PackedAppends, unpack } from './packed-appends.ts';

/** A call by name; `id` comes back with the answer. */
export interface Call {
  readonly id: number;
  readonly op: keyof Operations;
  readonly args: unknown[];
}
/** What was appended first, and then perhaps what was asked. */
export interface Message {
  readonly appends: PackedAppends | null;
  readonly call: Call | null;
}
export type Fault = { fault: FaultCode; detail: string };
/** Of a call, or of all appends of a message: what each one's is when they are durable, or why none of them is. */
export type Answer =
  | ({ id: number } & ({ result: unknown } | Fault))
  | ({ firsts: (number | null)[] } | ({ appends: number } & Fault));

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');

const { file, timeZone } = workerData as { file: string; timeZone: string };
const operations = openDatabase(file, Date.now, timeZone);

port.on('message', ({ appends, call }: Message) => {
  // What was appended before is in the database before anything is asked about it.
  if (appends !== null) commit(appends);
  if (call !== null) operate(call);
  setImmediate(foldNext);
});
setImmediate(foldNext);

function commit(packed: PackedAppends): void {
  try {
    reply({ firsts: operations.commit(unpack(packed)) });
  } catch (error) {
    reply({ appends: packed.keys.length, ...faultIn(error) });
  }
}

function operate({ id, op, args }: Call): void {
  const fail = (error: unknown) => reply({ id, ...faultIn(error) });
  try {
    const result = (operations[op] as (...args: unknown[]) => unknown)(...args);
    if (!(result instanceof Promise)) return reply({ id, result });
    result.then((late) => reply({ id, result: late }), fail);
  } catch (error) {
    fail(error);
  }
}

/** Between messages, so that nobody waits for it. One that fails is tried again after the next message. */
function foldNext(): void {
  try {
    if (operations.foldOne()) setImmediate(foldNext);
  } catch {}
}

function faultIn(error: unknown): Fault {
  return { fault: faultOf(error), detail: String((error as Error).message) };
}

function reply(answer: Answer): void {
  port?.postMessage(answer);
}
