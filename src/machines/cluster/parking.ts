/** Prompts that wait for a limit, of all servers: each is sent by the one that parked it, and seen from any. */
import type { Cluster } from '../../store/cluster.ts';
import type { ConversationFact } from '../../store/conversation-fact.ts';
import type { Refused } from '../../store/limits.ts';
import { type ConversationKey, type RunCommand, type Store, userOf } from '../../store/store.ts';
import type { PendingItem } from '../../transport/protocol.ts';
import type { ParkedPrompt, ParkedPrompts } from '../conversations.ts';
import { type Parking, pendingItem } from '../parking.ts';
import type { Command, Reply } from './commands.ts';

export interface ClusterParkingParts {
  readonly parking: Parking;
  readonly cluster: Cluster;
  readonly store: Pick<Store, 'run' | 'withdraw'>;
  readonly replyMs: number;
  /** To those who are connected here, and to the other servers. */
  readonly tell: (key: ConversationKey, fact: ConversationFact) => void;
}

export class ClusterParking implements ParkedPrompts {
  readonly #parts: ClusterParkingParts;
  /** Those of other servers, in conversations that are or were watched here. */
  readonly #elsewhere = new Map<ConversationKey, ParkedPrompt>();

  constructor(parts: ClusterParkingParts) {
    this.#parts = parts;
  }

  /** Where other servers have parked one, as far as this one knows. */
  get keys(): ConversationKey[] {
    return [...this.#elsewhere.keys()];
  }

  get(user: string, runId: string): ParkedPrompt | undefined {
    const own = this.#parts.parking.get(user, runId);
    if (own) return own;
    for (const [key, parked] of this.#elsewhere)
      if (userOf(key) === user && parked.command.runId === runId) return parked;
    return undefined;
  }

  in(key: ConversationKey): ParkedPrompt | undefined {
    return this.#parts.parking.in(key) ?? this.#elsewhere.get(key);
  }

  async look(key: ConversationKey): Promise<void> {
    const { parking, cluster } = this.#parts;
    const run = parking.in(key) ? null : await cluster.parkedIn(key);
    if (run === null || parking.in(key)) this.#elsewhere.delete(key);
    else if (this.#elsewhere.get(key)?.command.runId !== run.runId)
      this.#elsewhere.set(key, { command: run, refusal: null });
  }

  pendingIn(key: ConversationKey): PendingItem[] {
    const parked = this.in(key);
    return parked ? [pendingItem(parked)] : [];
  }

  async park(key: ConversationKey, command: RunCommand, refusal: Refused): Promise<boolean> {
    await this.look(key);
    return !this.#elsewhere.has(key) && this.#parts.parking.park(key, command, refusal);
  }

  async takeBack(user: string, runId: string): Promise<boolean> {
    const { parking, cluster, store, replyMs } = this.#parts;
    if (parking.get(user, runId)) return parking.takeBack(user, runId);
    const run = await store.run(user, runId);
    if (!run?.parked) return false;
    const command: Command = { kind: 'unpark', user, runId };
    const reply =
      run.node && run.node !== cluster.node
        ? ((await cluster.send(run.node, command, replyMs)) as Reply | null)
        : null;
    if (reply !== null && 'done' in reply && reply.done) return true;
    // Sent just now; or it is parked, and in nobody's hands.
    if (!(await store.run(user, runId))?.parked) return false;
    const isBack = await store.withdraw(run.key, runId);
    if (isBack) this.#tellUnparked(run.key, runId);
    return isBack;
  }

  #tellUnparked(key: ConversationKey, runId: string): void {
    this.unparked(key, runId);
    this.#parts.tell(key, { type: 'promptUnparked', runId });
    this.#parts.tell(key, { type: 'pendingChanged' });
  }

  /** Another server parked it, or was told of another limit. */
  async parked(key: ConversationKey, runId: string, refusal: Refused): Promise<void> {
    const known = this.#elsewhere.get(key)?.command;
    const command =
      known?.runId === runId ? known : await this.#parts.store.run(userOf(key), runId);
    if (command) this.#elsewhere.set(key, { command, refusal });
  }

  unparked(key: ConversationKey, runId: string): void {
    if (this.#elsewhere.get(key)?.command.runId === runId) this.#elsewhere.delete(key);
  }
}
