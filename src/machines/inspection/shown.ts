/**
 * What may be seen of events and of what actors keep, outside of them: an allow-list. Watchers, capsules and the Stately
 * inspector are told nothing else, so what a field is to be hidden from is never a question.
 */
import type { AnyActorRef, StateValue } from 'xstate';
import { faultIn } from '../../faults.ts';

/** Ids, counts, times, codes and answers to yes or no. What is not named here is not shown. */
const SHOWN = new Set(
  [
    ['type', 'runId', 'requestId', 'requestIds', 'run', 'queue', 'slot', 'blockedRun', 'asking'],
    ['fault', 'how', 'code', 'signal', 'pid', 'deltas', 'isDelegating', 'isElsewhere', 'outdated'],
    ['tokens', 'usage', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'],
    ['costUsd', 'durationMs', 'turns', 'crashes', 'draining', 'leaving', 'counting', 'parked'],
    ['refusal', 'limit', 'max', 'remaining', 'retryAfterMs', 'resetAt', 'expiring', 'expiresAt'],
    ['identity', 'operator', 'startTimeoutMs', 'interruptTimeoutMs', 'processIdleMs', 'dormantMs'],
    ['crashesMax', 'crashWindowMs', 'crashPauseMs', 'again', 'unwanted', 'sent', 'output'],
  ].flat(),
);

/** Ids and codes look so; words, which hold spaces, and secrets, which are long, do not. */
const CODE = /^[\w.:-]{1,64}$/;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Fields = Readonly<Record<string, Json>>;
export type ShownEvent = { readonly type: string } & Fields;

function shown(value: unknown): Json | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return CODE.test(value) ? value : undefined;
  if (Array.isArray(value)) return value.map(shown).filter((item) => item !== undefined);
  return typeof value === 'object' ? fieldsOf(value) : undefined;
}

/** Those fields of an object that may be seen. */
export function fieldsOf(object: object): Fields {
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) {
    const seen = SHOWN.has(name) ? shown(value) : undefined;
    if (seen !== undefined) fields[name] = seen;
  }
  return fields;
}

/** Its type is one of ours or of XState's. An error is told by the code of its fault. */
export function shownEvent(event: { readonly type: string; readonly error?: unknown }): ShownEvent {
  const { type, error } = event;
  return { ...fieldsOf(event), type, ...(error !== undefined && { error: faultIn(error) }) };
}

/** How an actor stands. */
export interface ShownSnapshot {
  readonly status: string;
  /** Null for what has no states. */
  readonly value: StateValue | null;
  readonly context: Fields;
  /** Which children it has. */
  readonly children: readonly string[];
}

export function shownSnapshot(snapshot: unknown): ShownSnapshot {
  const { status, value, context, children } = snapshot as {
    status: string;
    value?: StateValue;
    context?: object;
    children?: Record<string, AnyActorRef | undefined>;
  };
  return {
    status,
    value: value ?? null,
    context: context ? fieldsOf(context) : {},
    children: Object.keys(children ?? {}).filter((id) => children?.[id] !== undefined),
  };
}

/** The names of a state and those inside it, as `alive.running`. */
export function stateName(value: StateValue | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([name, inner]) => (inner === undefined ? name : `${name}.${stateName(inner)}`))
    .join(',');
}

/** The same of a snapshot. */
export function stateOf(snapshot: unknown): string {
  return stateName((snapshot as { value?: StateValue }).value ?? null);
}
