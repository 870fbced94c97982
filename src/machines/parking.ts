/**
 * Prompts that wait for a limit, of all users. They are the store's, so that neither a closed tab nor a restart
 * loses one; here each has an actor that sends it when it may.
 */
import { type Actor, type ActorOptions, createActor, toPromise } from 'xstate';
import type { ConversationFact } from '../store/conversation-fact.ts';
import type { Demand, Refused } from '../store/limits.ts';
import {
  type ConversationKey,
  type RunCommand,
  type RunRecord,
  type Store,
  userOf,
} from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { PendingItem } from '../transport/protocol.ts';
import type { Conversations, ParkedPrompt, ParkedPrompts } from './conversations.ts';
import { parkedMachine, type Tried } from './parked.machine.ts';
import { shownPrompt } from './prompts.ts';
import { ActorRegistry } from './registry.ts';

/** Of one user, over all conversations. */
const PARKED_MAX = 20;

export interface ParkingParts {
  readonly store: Store;
  readonly conversations: Pick<Conversations, 'open' | 'prompt'>;
  readonly demand: (key: ConversationKey, command: RunCommand) => Demand;
  readonly now: () => number;
  readonly tell: (key: ConversationKey, fact: ConversationFact) => void;
  readonly log: Log;
  /** Tests pass a simulated clock. */
  readonly actorOptions?: Pick<ActorOptions<typeof parkedMachine>, 'clock'>;
}

export interface Parked {
  /** Unique among all that wait. */
  readonly id: string;
  /** Epoch ms. */
  readonly since: number;
  readonly key: ConversationKey;
  readonly command: RunCommand;
  readonly actor: Actor<typeof parkedMachine>;
  /** Why; null while the limits are asked after a restart. */
  readonly refusal: Refused | null;
}

export class Parking implements ParkedPrompts {
  readonly #parts: ParkingParts;
  readonly #parked = new ActorRegistry<Parked>();
  /** Conversations whose prompt is being kept: their places are taken. */
  readonly #keeping = new Set<ConversationKey>();
  #begun = 0;
  #stopped = false;
  #lettingGo = false;

  constructor(parts: ParkingParts) {
    this.#parts = parts;
    parts.store.onCharged((user, eased) => {
      if (eased) this.ease(user);
    });
  }

  /** Goes on with what an earlier server parked, which waits for `begun` as well. */
  async resume(begun: Promise<void> = Promise.resolve()): Promise<void> {
    for (const run of await this.#parts.store.parked()) this.#resume(run, begun);
  }

  /** Two servers may each have parked one in a conversation: the second waits for the first. */
  #resume(run: RunRecord, begun: Promise<void>): void {
    const first = this.in(run.key);
    if (first?.command.runId === run.runId) return;
    const resume = () => this.#lettingGo || this.#resume(run, begun);
    if (first) first.actor.subscribe({ complete: resume });
    else this.#begin(run.key, run, null, begun);
  }

  async park(key: ConversationKey, command: RunCommand, refusal: Refused): Promise<boolean> {
    if (refusal.max === 0 || this.in(key) !== undefined || this.#keeping.has(key)) return false;
    const user = userOf(key);
    const keeping = [...this.#keeping].filter((other) => userOf(other) === user).length;
    if (this.#of(user).length + keeping >= PARKED_MAX) return false;
    this.#keeping.add(key);
    try {
      const kept = await this.#parts.store.park(key, command);
      if (kept !== 'accepted') return false;
      this.#begin(key, command, refusal);
      return true;
    } finally {
      this.#keeping.delete(key);
    }
  }

  /** Prompts that wait, of all users. */
  get size(): number {
    return this.#parked.size;
  }

  /** Those that wait, for who looks into them. */
  get living(): ActorRegistry<Parked> {
    return this.#parked;
  }

  get(user: string, runId: string): Parked | undefined {
    return this.#of(user).find(({ command }) => command.runId === runId);
  }

  /** The one that is parked in a conversation. */
  in(key: ConversationKey): Parked | undefined {
    return this.#parked.get(key);
  }

  async takeBack(user: string, runId: string): Promise<boolean> {
    const actor = this.get(user, runId)?.actor;
    actor?.send({ type: 'user.tookBack' });
    const output = actor && (await toPromise(actor).catch(() => null));
    if (output) return !output.sent;
    return this.#stopped && this.#withdraw(user, runId);
  }

  /** It has no actor any more, and waits for the next server. */
  async #withdraw(user: string, runId: string): Promise<boolean> {
    const run = await this.#parts.store.run(user, runId);
    return run?.parked === true && this.#parts.store.withdraw(run.key, runId);
  }

  /** What a user has used may have become less, or may be more: those that wait ask again, oldest first. */
  ease(user: string): void {
    for (const { actor } of this.#of(user)) actor.send({ type: 'limits.eased' });
  }

  /** The limits of any user may have changed. */
  easeAll(): void {
    for (const { actor } of [...this.#parked.values()]) actor.send({ type: 'limits.eased' });
  }

  /** All that wait are this server's. */
  async look(): Promise<void> {}

  pendingIn(key: ConversationKey): PendingItem[] {
    const parked = this.in(key);
    return parked ? [pendingItem(parked)] : [];
  }

  /** From now on nothing is sent: it waits for the next server. */
  stop(): void {
    this.#stopped = true;
    this.letGo();
  }

  /** What waits is another server's to send; it is still parked. */
  letGo(): void {
    this.#lettingGo = true;
    for (const { actor } of [...this.#parked.values()]) actor.stop();
    this.#lettingGo = false;
  }

  /** What one gave back may be what others wait for; those in trouble do not, and would ask each other for ever. */
  #easeOthers(user: string): void {
    for (const { actor } of this.#of(user))
      if (actor.getSnapshot().matches('waiting')) actor.send({ type: 'limits.eased' });
  }

  #of(user: string): Parked[] {
    return [...this.#parked.values()].filter(({ key }) => userOf(key) === user);
  }

  #begin(
    key: ConversationKey,
    command: RunCommand,
    refusal: Refused | null,
    begun?: Promise<void>,
  ): void {
    if (this.#stopped) return;
    const [{ tell, log, store, now, actorOptions }, { runId }] = [this.#parts, command];
    const ports = {
      send: async () => {
        await begun;
        return this.#send(key, command, actor);
      },
      takeBack: async () => void (await store.withdraw(key, runId)),
      tell: (why: Refused) => this.#tellParked(key, runId, why),
    };
    const actor: Parked['actor'] = createActor(parkedMachine, {
      ...actorOptions,
      input: { ports, refusal },
    });
    this.#begun += 1;
    const parked = {
      ...{ id: `parked-${this.#begun}`, since: now(), key, command, actor },
      get refusal() {
        return actor.getSnapshot().context.refusal;
      },
    };
    this.#parked.start(key, parked, (error) => {
      if (error !== null) log.error({ err: error }, 'a parked prompt’s actor failed');
      if (this.#lettingGo) return;
      tell(key, { type: 'promptUnparked', runId });
      tell(key, { type: 'pendingChanged' });
    });
    if (refusal !== null) this.#tellParked(key, runId, refusal);
  }

  #tellParked(key: ConversationKey, runId: string, refusal: Refused): void {
    this.#parts.tell(key, { type: 'promptParked', runId, refusal });
    this.#parts.tell(key, { type: 'pendingChanged' });
  }

  /** What could not be handed on after all waits again, and costs nothing meanwhile. */
  async #send(key: ConversationKey, command: RunCommand, actor: Parked['actor']): Promise<Tried> {
    const { store, conversations, demand, now } = this.#parts;
    const { runId } = command;
    const taken = await store.take(demand(key, command), now());
    if (!taken.ok) return { how: 'refused', refusal: taken };
    if (actor.getSnapshot().context.unwanted) return { how: 'hindered' }; // what was taken goes back with it
    try {
      await conversations.open(key);
      const unparked = await store.unpark(key, runId);
      const run = unparked ? null : await store.run(userOf(key), runId);
      // Accepted by an earlier try, and neither handed on nor parked again.
      const isLeft = run !== null && !run.parked && !run.started;
      if (unparked || isLeft) {
        const fault = await conversations.prompt(key, command);
        if (fault === null) return { how: 'sent' };
        this.#parts.log.info({ fault }, 'a parked prompt could not be sent yet');
      } else if (!run?.parked) {
        await store.giveBack(userOf(key), runId);
        return { how: 'gone' };
      } // else its conversation was deleted, and may come back
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a parked prompt could not be sent yet');
    }
    const kept = await store.park(key, command);
    // It was let go meanwhile, and is this server's again: nobody else would send it.
    const isLeft = actor.getSnapshot().status !== 'active' && kept === 'accepted';
    if (isLeft && !this.in(key)) this.#begin(key, command, null);
    this.#easeOthers(userOf(key));
    return { how: 'hindered' };
  }
}

/** As those see it who watch its conversation. */
export function pendingItem({ command, refusal }: ParkedPrompt): PendingItem {
  return {
    ...shownPrompt(command),
    why: 'parked',
    ...(refusal && { limit: refusal.limit }),
    ...(refusal && refusal.resetAt !== null && { resetAt: refusal.resetAt }),
  };
}
