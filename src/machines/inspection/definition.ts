/**
 * A machine's definition by its names alone: states, events, guards, actions and delays as it calls them. What it
 * computes with, and whatever else stands in it, is left out.
 */
import type { AnyStateMachine } from 'xstate';
import type { ActorKind } from '../../transport/ops/protocol.ts';
import { conversationMachine } from '../conversation.machine.ts';
import { parkedMachine } from '../parked.machine.ts';
import { sessionMachine } from '../session.machine.ts';

/** Of each kind that has states. */
export const MACHINES = {
  session: sessionMachine,
  conversation: conversationMachine,
  parked: parkedMachine,
} as const satisfies Partial<Record<ActorKind, AnyStateMachine>>;

type Json = string | boolean | readonly Json[] | { readonly [name: string]: Json };
type Named = Readonly<Record<string, unknown>>;
type Read = (value: unknown) => Json | undefined;

const isObject = (value: unknown): value is Named => typeof value === 'object' && value !== null;

/** A name; of a function or an object, the one it is known by. */
const name: Read = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return value.name;
  return isObject(value) ? name(value.type) : undefined;
};
const flag: Read = (value) => (typeof value === 'boolean' ? value : undefined);

/** The same of each in a list; of one alone, of that. */
const oneOrMany =
  (read: Read): Read =>
  (value) =>
    Array.isArray(value) ? value.map(read).filter((it) => it !== undefined) : read(value);

/** The same of each field, whatever it is called: they are called as states and events are. */
const each =
  (read: Read): Read =>
  (value) => {
    if (!isObject(value)) return undefined;
    return fields(value, Object.fromEntries(Object.keys(value).map((key) => [key, read])));
  };

function fields(object: Named, reads: Readonly<Record<string, Read>>): { [name: string]: Json } {
  const read = Object.entries(reads).map(([key, of]) => [key, of(object[key])] as const);
  return Object.fromEntries(
    read.filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

const transitions = oneOrMany((value) =>
  isObject(value)
    ? fields(value, {
        target: oneOrMany(name),
        guard: name,
        actions: oneOrMany(name),
        reenter: flag,
      })
    : name(value),
);

const invoked = oneOrMany((value) =>
  isObject(value)
    ? fields(value, { id: name, src: name, onDone: transitions, onError: transitions })
    : undefined,
);

const state: Read = (value) =>
  isObject(value)
    ? fields(value, {
        id: name,
        type: name,
        initial: name,
        entry: oneOrMany(name),
        exit: oneOrMany(name),
        always: transitions,
        on: each(transitions),
        after: each(transitions),
        invoke: invoked,
        states: each(state),
      })
    : undefined;

/** By its names, as a statechart's configuration. */
export function namesOf(machine: AnyStateMachine): Json {
  return state(machine.config) ?? {};
}

const written = new Map<ActorKind, string>();

/** The same as JSON text; of what has no states, what it is. */
export function definitionOf(kind: ActorKind): string {
  const known = written.get(kind);
  if (known !== undefined) return known;
  const text = JSON.stringify(
    Object.hasOwn(MACHINES, kind) ? namesOf(machineOf(kind)) : { id: kind },
  );
  written.set(kind, text);
  return text;
}

function machineOf(kind: ActorKind): AnyStateMachine {
  return MACHINES[kind as keyof typeof MACHINES];
}
