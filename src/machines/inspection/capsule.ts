/**
 * A capsule: what an actor took, redacted, as JSON that anybody may be shown. Replaying it leads through the same states
 * to the same end, twice over: as a pure fold, and by a live actor with nothing behind it.
 */
import { isDeepStrictEqual } from 'node:util';
import { type AnyMachineSnapshot, createActor, SimulatedClock, transition } from 'xstate';
import { FAULTS, type FaultCode, FaultError } from '../../faults.ts';
import { machineVersion, RECORDABLE, type RecordableKind, type Replayed } from './recordable.ts';
import { type ShownEvent, type ShownSnapshot, shownEvent, shownSnapshot } from './shown.ts';
import type { Entry, Recorded } from './tape.ts';

export const CAPSULE = 'greenroom-capsule/1';

export interface CapsuleEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly event: ShownEvent;
}

export interface Capsule {
  readonly format: typeof CAPSULE;
  readonly kind: RecordableKind;
  /** Of its definition; see `machineVersion`. */
  readonly machine: string;
  /** Of Greenroom. */
  readonly version: string;
  readonly actor: string;
  /** When it was kept, epoch ms. */
  readonly at: number;
  /** Why: the code of a fault, `operator`, or `ended`. */
  readonly why: string;
  readonly begins: ShownSnapshot;
  readonly entries: readonly CapsuleEntry[];
  /** What ports answered: numbers, ids, yes or no. */
  readonly answers: readonly (string | number | boolean)[];
  /** The event on which the actor failed; `ends` is before it. */
  readonly failedOn: CapsuleEntry | null;
  readonly ends: ShownSnapshot;
}

export type CapsuleHead = Pick<Capsule, 'kind' | 'version' | 'actor' | 'at' | 'why'>;

export function capsuleOf(head: CapsuleHead, recorded: Recorded): Capsule {
  const entry = ({ at, event }: Entry) => ({ at, event: shownEvent(event) });
  return {
    format: CAPSULE,
    ...head,
    machine: machineVersion(RECORDABLE[head.kind].machine),
    begins: shownSnapshot(recorded.begins),
    entries: recorded.entries.map(entry),
    answers: recorded.answers as Capsule['answers'],
    failedOn: recorded.failedOn && entry(recorded.failedOn),
    ends: shownSnapshot(recorded.ends),
  };
}

export interface Step {
  readonly at: number;
  readonly event: ShownEvent;
  readonly snapshot: ShownSnapshot;
}

export interface Replay {
  /** Whether it was recorded by this very machine: else it may go another way. */
  readonly sameMachine: boolean;
  /** Whether fold and live actor both end as the recording did. */
  readonly identical: boolean;
  /** The first is how it began. */
  readonly steps: readonly Step[];
}

export function replay(capsule: Capsule): Replay {
  const steps = fold(capsule);
  const end = steps.at(-1)?.snapshot;
  const expected = { ...capsule.ends, status: capsule.failedOn ? 'active' : capsule.ends.status };
  return {
    sameMachine: capsule.machine === machineVersion(RECORDABLE[capsule.kind].machine),
    identical: [end, playLive(capsule)].every((found) => isDeepStrictEqual(found, expected)),
    steps,
  };
}

/** Each state it goes through: pure, nothing is executed. */
export function fold(capsule: Capsule): Step[] {
  const stage = new Stage(capsule);
  let snapshot = stage.restored.getSnapshot() as AnyMachineSnapshot;
  const begun = capsule.entries[0]?.at ?? capsule.at;
  const steps: Step[] = [
    { at: begun, event: { type: 'begin' }, snapshot: shownSnapshot(snapshot) },
  ];
  for (const { at, event } of capsule.entries) {
    snapshot = transition(stage.machine, snapshot as never, stage.raised(at, event))[0];
    steps.push({ at, event, snapshot: shownSnapshot(snapshot) });
  }
  return steps;
}

/** How a real actor ends that is told the same; its children do nothing, and its clock stands still. */
export function playLive(capsule: Capsule): ShownSnapshot {
  const stage = new Stage(capsule);
  const actor = stage.restored;
  actor.start();
  for (const { at, event } of capsule.entries) actor.send(stage.raised(at, event));
  const end = shownSnapshot(actor.getSnapshot());
  actor.stop();
  return end;
}

/** A machine with nothing behind it but what the capsule knows. */
class Stage {
  readonly machine: ReturnType<typeof machineOf>;
  readonly restored: ReturnType<typeof createActor<ReturnType<typeof machineOf>>>;
  #now = 0;

  constructor({ kind, begins, answers }: Capsule) {
    this.machine = machineOf(kind);
    const left = answers.values();
    const replayed: Replayed = { answer: () => left.next().value, now: () => this.#now };
    const { children, context } = RECORDABLE[kind];
    const sources: Readonly<Record<string, string>> = children;
    const snapshot = {
      ...begins,
      historyValue: {},
      context: { ...begins.context, ...context(replayed) },
      children: Object.fromEntries(
        begins.children.map((id) => [id, { src: sources[id], snapshot: { status: 'active' } }]),
      ),
    };
    this.restored = createActor(this.machine, {
      snapshot: snapshot as never,
      input: undefined as never,
      clock: new SimulatedClock(),
    });
  }

  /** The event as it was, as far as it matters. */
  raised(at: number, { error, ...event }: ShownEvent): never {
    this.#now = at;
    const fault = typeof error === 'string' && Object.hasOwn(FAULTS, error);
    return { ...event, ...(fault && { error: new FaultError(error as FaultCode) }) } as never;
  }
}

/** As one type: which machine it is matters to nothing here. */
function machineOf(kind: RecordableKind): (typeof RECORDABLE)['conversation']['machine'] {
  return RECORDABLE[kind].machine as (typeof RECORDABLE)['conversation']['machine'];
}
