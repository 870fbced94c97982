/** The last states of the connection, for who has to find out later what went wrong. Of a conversation nothing is in it. */
import type { Actor, StateValue } from 'xstate';
import type { connectionMachine } from '../connection.machine.ts';

const ENTRIES_MAX = 20;

export interface FlightEntry {
  /** Epoch ms. */
  readonly at: number;
  /** A state and those inside it, as `attached.live.sure`. */
  readonly state: string;
}

export class FlightLog {
  #entries: FlightEntry[] = [];

  /** Listens for as long as the page lives. */
  constructor(connection: Actor<typeof connectionMachine>, now: () => number) {
    connection
      .select(({ value }) => stateName(value))
      .subscribe((state) => {
        this.#entries = [...this.#entries, { at: now(), state }].slice(-ENTRIES_MAX);
      });
  }

  /** Oldest first. */
  get entries(): readonly FlightEntry[] {
    return this.#entries;
  }
}

export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [entry] = Object.entries(value);
  return entry?.[1] === undefined ? (entry?.[0] ?? '') : `${entry[0]}.${stateName(entry[1])}`;
}
