/**
 * Starts, finds and stops live conversations. At most one actor exists per conversation; when it has ended or
 * failed, the next message starts a new one on the same journal.
 */
import { redaction } from '../claude/redact.ts';
import { UnknownLines } from '../claude/unknown-lines.ts';
import type { FaultCode } from '../faults.ts';
import { type ConversationKey, userOf } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Choice } from '../transport/protocol.ts';
import { within } from '../within.ts';
import { Admission } from './admission.ts';
import type { Decision } from './approvals.ts';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { finishTurns, gone, SETTLE_MS, settled } from './going.ts';
import { stateOf } from './inspection/shown.ts';
import { makeRoom, pinned } from './make-room.ts';
import type { Prompt } from './prompts.ts';
import { ActorRegistry } from './registry.ts';
import { Releases } from './releases.ts';
import { RunGate } from './run-gate.ts';
import { type ConversationWiring, startConversation } from './start-conversation.ts';

/** A process that is killed has gone, and what it left behind too, well within this. */
const KILL_MS = 2_000;

export interface SupervisorParts extends ConversationWiring {
  readonly maxProcesses: number;
  /** Null: as many as there may be processes. */
  readonly maxRuns: number | null;
  /** Approvals of one user that keep their processes when others need the room. */
  readonly maxPendingApprovalsPerUser: number;
  /** In percent; 100: however much is used. */
  readonly maxMemoryShare: number;
  /** Share of the memory that is used, 0 to 1. */
  readonly memoryUsed: () => number;
  /** Where a prompt goes that waited in a conversation that has ended. */
  readonly handOn: Conversations['prompt'];
}

export class Supervisor implements Conversations {
  readonly #parts: SupervisorParts;
  readonly #admission: Admission;
  readonly #gate: RunGate;
  readonly #conversations = new ActorRegistry<Conversation>();
  readonly #starting = new Map<ConversationKey, Promise<Conversation>>();
  readonly #unknownLines: UnknownLines;
  readonly #redact: (words: string) => string;
  readonly #releases: Releases;
  #draining = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#releases = new Releases(parts);
    this.#unknownLines = new UnknownLines((kind) =>
      parts.log.debug({ kind }, 'Claude said something of a kind that is not known'),
    );
    const { anthropicApiKey, anthropicAuthToken, claudeOauthToken } = parts.settings;
    this.#redact = redaction([anthropicApiKey, anthropicAuthToken, claudeOauthToken]);
    const { maxProcesses, maxRuns, maxMemoryShare, maxPendingApprovalsPerUser } = parts;
    this.#gate = new RunGate(maxRuns ?? maxProcesses);
    this.#admission = new Admission({
      processesMax: maxProcesses,
      memoryIsTight: () => maxMemoryShare < 100 && parts.memoryUsed() * 100 > maxMemoryShare,
      pinned: () => pinned(this.#conversations.values()),
      onFull: (waiting) =>
        makeRoom([...this.#conversations.values()], waiting, maxPendingApprovalsPerUser),
      clock: parts.clock,
    });
  }

  /** The conversations, for who looks into them. */
  get living(): ActorRegistry<Conversation> {
    return this.#conversations;
  }

  /** The living conversation, without starting it. */
  find(key: ConversationKey): Conversation | undefined {
    return this.#conversations.get(key);
  }

  /** All there are live here. */
  async look(): Promise<void> {}

  async open(key: ConversationKey): Promise<void> {
    const choosing = this.#parts.choices.making(key);
    if (choosing) await choosing;
    await this.#alive(key);
  }

  async choose(key: ConversationKey, change: Partial<Choice>): Promise<void> {
    const choice = await this.#parts.choices.choose(key, change);
    this.find(key)?.choose(choice);
    this.#parts.onFact(key, { type: 'chosen', choice });
  }

  async prompt(key: ConversationKey, command: Prompt): Promise<FaultCode | null> {
    const conversation = await this.#alive(key);
    if (conversation === null) return 'server.restarting';
    // It may have ended while we waited; what an ended actor is sent is lost without a word.
    return conversation.isLiving ? conversation.prompt(command) : this.prompt(key, command);
  }

  async answer(
    key: ConversationKey,
    runId: string,
    decisions: readonly Decision[],
  ): Promise<FaultCode | null> {
    const conversation = this.find(key);
    this.#conversations.touch(key);
    return conversation ? conversation.answer(runId, decisions) : 'approval.answered';
  }

  async abort(key: ConversationKey, runId: string): Promise<void> {
    this.find(key)?.actor.send({ type: 'user.abort', runId });
  }

  async sendNow(key: ConversationKey, runId: string): Promise<FaultCode | null> {
    if (this.#draining) return 'server.restarting'; // what runs may finish, and nothing else begins here
    this.find(key)?.actor.send({ type: 'user.hurry', runId });
    return null;
  }

  async warm(key: ConversationKey): Promise<void> {
    if (!this.#admission.hasSpareRoom()) return;
    const conversation = await this.#alive(key);
    // Others may have taken it meanwhile: all tabs come back at once when the server does.
    if (this.#admission.hasSpareRoom()) conversation?.actor.send({ type: 'user.warm' });
  }

  async dismiss(key: ConversationKey): Promise<void> {
    const actor = this.find(key)?.actor;
    for (const { runId } of this.find(key)?.waiting ?? [])
      actor?.send({ type: 'user.abort', runId });
    actor?.send({ type: 'conversation.stop' });
  }

  async endAll(user: string, withinMs: number): Promise<void> {
    const living = [...this.#conversations.values()].filter(({ key }) => userOf(key) === user);
    const ended = living.map(gone);
    for (const { key } of living) await this.dismiss(key);
    await within(Promise.all(ended), withinMs);
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /**
   * Begins nothing new; resolves when the last turn that was at work has ended. Where other servers may go on, a
   * conversation is theirs as soon as its turn is over.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.allSettled(this.#starting.values());
    const isShared = this.#parts.store.cluster !== null;
    await finishTurns([...this.#conversations.values()], ({ actor }) => {
      if (isShared) actor.send({ type: 'conversation.stop' });
    });
  }

  /** The right to all of them is lost: their processes end now, and who watches looks elsewhere. */
  abandon(): void {
    for (const { key, actor } of [...this.#conversations.values()]) {
      actor.stop();
      this.#parts.onFact(key, { type: 'journalFailed', fault: 'store.unavailable' });
    }
  }

  /** Stops every conversation, waiting at most `withinMs`; returns how many had to be cut off. */
  async stop(withinMs: number): Promise<number> {
    this.#draining = true;
    this.#parts.choices.stop();
    await Promise.allSettled(this.#starting.values());
    const living = [...this.#conversations.values()];
    const ended = living.map(gone);
    for (const { actor } of living) actor.send({ type: 'conversation.stop' });
    await within(Promise.all(ended), withinMs);
    const late = [...this.#conversations.values()];
    for (const { actor } of late) actor.stop();
    await within(this.#admission.idle(), KILL_MS);
    await settled(living);
    await within(this.#releases.settled(), SETTLE_MS);
    return late.length;
  }

  /** `waiting` for room to start a process, `queued` for their turn to run one. */
  get state() {
    return {
      conversations: this.#conversations.size,
      ...this.#admission.state,
      ...this.#gate.state,
      unknownLines: this.#unknownLines.counts,
    };
  }

  /** Of the processes that there are. */
  get pids(): number[] {
    return [...this.#conversations.values()].flatMap(
      ({ actor }) => actor.getSnapshot().context.pid ?? [],
    );
  }

  /** Living conversations by the state of their machine, as `alive.running`. */
  get states(): Record<string, number> {
    return this.#conversations.count(({ actor }) => stateOf(actor.getSnapshot()));
  }

  async #alive(key: ConversationKey): Promise<Conversation | null> {
    if (this.#draining) return null;
    this.#conversations.touch(key);
    const living = this.#conversations.get(key);
    if (living) return living;
    const starting =
      this.#starting.get(key) ?? this.#start(key).finally(() => this.#starting.delete(key));
    this.#starting.set(key, starting);
    return starting;
  }

  async #start(key: ConversationKey): Promise<Conversation> {
    const conversation = await startConversation(key, {
      ...this.#parts,
      admission: this.#admission,
      gate: this.#gate,
      unknownLines: this.#unknownLines,
      redact: this.#redact,
    });
    const log = this.#parts.log.child({ conversation: conversation.journal.lease.sessionId });
    this.#conversations.start(key, conversation, (error) => {
      if (error === null) this.#handOver(conversation, log);
      else {
        log.error({ err: error }, 'the conversation actor failed');
        conversation.endRuns();
      }
      this.#releases.begin(conversation, log);
    });
    return conversation;
  }

  /** Prompts that still waited when it ended, because its journal failed, go to the next one. */
  #handOver({ key, waiting }: Conversation, log: Log): void {
    const { store, handOn } = this.#parts;
    if (store.cluster?.isMember === false) return; // whoever takes it over finds them
    const say = (err: unknown) =>
      log.error({ err }, 'a prompt that waited could not be handed over');
    for (const prompt of waiting) handOn(key, prompt).catch(say);
  }
}
