/**
 * What an actor took, in order, with what its ports answered it: enough to go the same way again. It is bounded: from
 * time to time the beginning is let go, and what is left begins with how the actor stood there.
 */
import type { AnyActor, InspectionEvent, Snapshot } from 'xstate';
import type { FaultCode } from '../../faults.ts';

/** Of either half: what is kept is one half whole, and the other as far as it has come. */
const HALF_ENTRIES = 250;

type Event = { readonly type: string; readonly fault?: FaultCode | null };

export interface Entry {
  /** Epoch ms, by the actor's own clock. */
  readonly at: number;
  readonly event: Event;
}

/** From a moment when nothing was under way. */
interface Half {
  readonly begins: Snapshot<unknown>;
  readonly entries: Entry[];
  /** Of ports, in the order they were asked. */
  readonly answers: unknown[];
}

/** What was recorded: nothing of it is redacted yet. */
export interface Recorded extends Half {
  readonly ends: Snapshot<unknown>;
  /** The event on which the actor failed: it is as it was before it. */
  readonly failedOn: Entry | null;
}

export class Tape {
  /** Since when it records, epoch ms. */
  readonly since: number;
  readonly #actor: AnyActor;
  readonly #now: () => number;
  readonly #stop: () => void;
  /** Hears of each fault that an event tells, or that the actor blames from then on. */
  onFault: (fault: FaultCode) => void = () => {};
  #fault: FaultCode | null = null;
  #blamed: FaultCode | null = null;
  #before: Half | null = null;
  #half: Half;
  /** Events that were sent and are not taken yet. */
  #underWay = 0;
  /** How many answers there were when the last event was sent. */
  #answered = 0;

  /** @param now Epoch ms. */
  constructor(actor: AnyActor, now: () => number = Date.now) {
    this.#actor = actor;
    this.#now = now;
    this.since = now();
    this.#half = { begins: actor.getSnapshot(), entries: [], answers: [] };
    const subscription = actor.system.inspect((inspected) => this.#see(inspected));
    this.#stop = () => subscription.unsubscribe();
  }

  /** Keeps what a port answered, and answers it. */
  note<T>(answer: T): T {
    this.#half.answers.push(answer);
    return answer;
  }

  /** The last there was. */
  get fault(): FaultCode | null {
    return this.#fault;
  }

  get recorded(): Recorded {
    const halves = this.#before ? [this.#before, this.#half] : [this.#half];
    const entries = halves.flatMap((half) => half.entries);
    const taken = entries.length - this.#underWay;
    const ends = this.#actor.getSnapshot();
    return {
      begins: (halves[0] ?? this.#half).begins,
      entries: entries.slice(0, taken),
      answers: halves.flatMap((half) => half.answers),
      ends,
      failedOn: ends.status === 'error' ? (entries[taken] ?? null) : null,
    };
  }

  stop(): void {
    this.#stop();
  }

  #see(inspected: InspectionEvent): void {
    if (inspected.actorRef !== this.#actor || !('event' in inspected)) return;
    const { type, event } = inspected;
    if (event.type === 'xstate.init') return;
    if (type === '@xstate.event') this.#sent(event);
    else if (type === '@xstate.snapshot') this.#taken(event);
  }

  #sent(event: Event): void {
    const { entries, answers } = this.#half;
    if (this.#isNewsOfTheSame(event)) entries.pop();
    entries.push({ at: this.#now(), event });
    this.#underWay += 1;
    this.#answered = answers.length;
  }

  /** Progress tells a total: of several in a row, about which nothing was asked, the last says all. */
  #isNewsOfTheSame({ type }: Event): boolean {
    const { entries, answers } = this.#half;
    const isAgain = type === 'claude.progress' && entries.at(-1)?.event.type === type;
    return isAgain && this.#underWay === 0 && answers.length === this.#answered;
  }

  #taken(event: Event): void {
    this.#underWay -= 1;
    this.#lookForFault(event);
    if (this.#underWay > 0 || this.#half.entries.length < HALF_ENTRIES) return;
    this.#before = this.#half;
    this.#half = { begins: this.#actor.getSnapshot(), entries: [], answers: [] };
    this.#answered = 0;
  }

  #lookForFault(event: Event): void {
    const { context } = this.#actor.getSnapshot() as { context: { fault: FaultCode | null } };
    const fault = event.fault ?? (context.fault === this.#blamed ? null : context.fault);
    this.#blamed = context.fault;
    if (fault === null) return;
    this.#fault = fault;
    this.onFault(fault);
  }
}
