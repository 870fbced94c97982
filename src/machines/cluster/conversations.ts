/**
 * The conversations of all servers that share a store. One that runs here is reached without a detour; what another
 * server runs is sent to that one, and one that nobody runs begins here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultCode, FaultError } from '../../faults.ts';
import { type Cluster, HeldElsewhere, type LiveState } from '../../store/cluster.ts';
import { type ConversationKey, type Store, userOf } from '../../store/store.ts';
import type { Choice } from '../../transport/protocol.ts';
import type { Decision } from '../approvals.ts';
import type { Conversations } from '../conversations.ts';
import type { Prompt } from '../prompts.ts';
import type { Supervisor } from '../supervisor.ts';
import { abortHere } from './abort.ts';
import type { Command, Reply } from './commands.ts';
import type { Elsewhere } from './elsewhere.ts';
import { promptHere } from './prompt.ts';

/** Between two tries to reach an owner that goes, or has just gone. */
const AGAIN_MS = 200;
/** A clone may take as long as git does. */
const CHOOSE_MS = 120_000;

export interface ClusterConversationsParts {
  readonly supervisor: Supervisor;
  readonly cluster: Cluster;
  readonly store: Pick<Store, 'run' | 'withdraw'>;
  readonly elsewhere: Elsewhere;
  /** How long an owner that lives may take to answer, ms. */
  readonly replyMs: number;
  /** What a conversation's watchers are to hear. */
  readonly tellWithdrawn: (key: ConversationKey, runId: string) => void;
  /** Tests do not wait. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export class ClusterConversations implements Conversations {
  readonly #parts: ClusterConversationsParts;

  constructor(parts: ClusterConversationsParts) {
    this.#parts = parts;
  }

  find(key: ConversationKey): LiveState | undefined {
    return this.#parts.supervisor.find(key) ?? this.#parts.elsewhere.find(key);
  }

  look(keys: readonly ConversationKey[]): Promise<void> {
    return this.#parts.elsewhere.look(keys.filter((key) => !this.#isHere(key)));
  }

  async open(key: ConversationKey): Promise<void> {
    await this.#here(key, () => this.#parts.supervisor.open(key));
  }

  /** Goes on until it is in somebody's hands: it is accepted, so it may not be left. */
  async prompt(key: ConversationKey, prompt: Prompt): Promise<FaultCode | null> {
    const wait = this.#parts.sleep ?? sleep;
    for (let tries = 0; !this.isDraining; tries += 1) {
      const tried = await this.#tryPrompt(key, prompt, tries > 0);
      if (tried !== 'again') return tried;
      await wait(AGAIN_MS); // its owner goes, or has gone: soon the conversation is anybody's
    }
    return 'server.restarting';
  }

  /** @param mayBeDone An owner was sent it, and nobody knows what it did. */
  async #tryPrompt(key: ConversationKey, prompt: Prompt, mayBeDone: boolean) {
    const { cluster, replyMs } = this.#parts;
    const { runId } = prompt;
    const command: Command = { kind: 'prompt', key, runId };
    const claim = async () => {
      if (mayBeDone) await cluster.claim(key, runId);
    };
    try {
      const tried = await this.#here(key, () => promptHere(key, runId, this.#parts, claim));
      if (!(tried instanceof HeldElsewhere)) return tried;
      const reply = (await cluster.send(tried.node, command, replyMs)) as Reply | null;
      return reply !== null && 'fault' in reply ? reply.fault : 'again';
    } catch (error) {
      if (error instanceof FaultError && error.code === 'store.unavailable') return 'again';
      throw error;
    }
  }

  async answer(
    key: ConversationKey,
    runId: string,
    decisions: readonly Decision[],
  ): Promise<FaultCode | null> {
    if (this.#isHere(key)) return this.#parts.supervisor.answer(key, runId, decisions);
    const reply = await this.#ask(key, { kind: 'answer', key, runId, decisions });
    return reply !== null && 'fault' in reply ? reply.fault : 'approval.answered';
  }

  async abort(key: ConversationKey, runId: string): Promise<void> {
    if (!this.#isHere(key) && (await this.#ask(key, { kind: 'abort', key, runId })) !== null)
      return;
    await abortHere(key, runId, this.#parts);
  }

  async sendNow(key: ConversationKey, runId: string): Promise<FaultCode | null> {
    const { supervisor } = this.#parts;
    if (this.#isHere(key) || supervisor.isDraining) return supervisor.sendNow(key, runId);
    const reply = await this.#ask(key, { kind: 'sendNow', key, runId });
    return reply !== null && 'fault' in reply ? reply.fault : null;
  }

  async warm(key: ConversationKey): Promise<void> {
    await this.#here(key, () => this.#parts.supervisor.warm(key));
  }

  async choose(key: ConversationKey, change: Partial<Choice>): Promise<void> {
    const { supervisor } = this.#parts;
    const reply = this.#isHere(key)
      ? null
      : await this.#ask(key, { kind: 'choose', key, change }, CHOOSE_MS);
    if (reply === null) return supervisor.choose(key, change);
    if ('fault' in reply && reply.fault !== null) throw new FaultError(reply.fault, reply.detail);
  }

  async dismiss(key: ConversationKey): Promise<void> {
    if (this.#isHere(key)) return this.#parts.supervisor.dismiss(key);
    await this.#ask(key, { kind: 'dismiss', key });
  }

  async endAll(user: string, withinMs: number): Promise<void> {
    const { supervisor, cluster, replyMs } = this.#parts;
    const command: Command = { kind: 'endAll', user, withinMs };
    const here = supervisor.endAll(user, withinMs); // whether others can be asked or not
    const tell = async () => {
      const nodes = await cluster.others();
      await Promise.all(nodes.map((node) => cluster.send(node, command, withinMs + replyMs)));
    };
    const [, told] = await Promise.allSettled([here, tell()]);
    if (told.status === 'rejected') throw told.reason;
    await this.look(this.#parts.elsewhere.keys.filter((known) => userOf(known) === user));
  }

  get isDraining(): boolean {
    return this.#parts.supervisor.isDraining;
  }

  #isHere(key: ConversationKey): boolean {
    return this.#parts.supervisor.find(key) !== undefined;
  }

  async #here<T>(key: ConversationKey, work: () => Promise<T>): Promise<T | HeldElsewhere> {
    try {
      const done = await work();
      if (this.#isHere(key)) this.#parts.elsewhere.forget(key);
      return done;
    } catch (error) {
      if (error instanceof HeldElsewhere) return error;
      throw error;
    }
  }

  /** Null: nobody runs it, or who did has gone. */
  async #ask(key: ConversationKey, command: Command, ms = this.#parts.replyMs) {
    const { cluster } = this.#parts;
    const owner = await cluster.ownerOf(key);
    if (owner === null || owner === cluster.node) return null;
    return (await cluster.send(owner, command, ms)) as Reply | null;
  }
}
