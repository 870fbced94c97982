/**
 * Starts, finds and stops live conversations. At most one actor exists per conversation; when it has ended or
 * failed, the next message starts a new one on the same journal.
 */
import type { Agent } from '../claude/agent.ts';
import type { ClaudeInput } from '../claude/facts.ts';
import { type ClaudeSettings, launchClaude } from '../claude/launch.ts';
import { redaction } from '../claude/redact.ts';
import { type FaultCode, FaultError } from '../faults.ts';
import { Journal } from '../store/journal.ts';
import { type ConversationKey, type RunCommand, type Store, userOf } from '../store/store.ts';
import { TITLE_MAX } from '../store/titles.ts';
import { untilRoom } from '../store/until-room.ts';
import type { Log } from '../telemetry/log.ts';
import { within } from '../within.ts';
import { Admission } from './admission.ts';
import type { Decision } from './approvals.ts';
import { conversationMachine } from './conversation.machine.ts';
import { Conversation, type ConversationFact } from './conversation.ts';
import { ActorRegistry } from './registry.ts';

/** A process that is killed has gone, and what it left behind too, well within this. */
const KILL_MS = 2_000;
/** The last rows of all conversations are on the disk well within this, or it has a problem. */
const SETTLE_MS = 1_000;

export interface SupervisorParts {
  readonly store: Store;
  readonly agent: Agent;
  readonly settings: ClaudeSettings;
  readonly maxProcesses: number;
  readonly processIdleMs: number;
  readonly stallMs: number;
  /** Whether Claude finds a title for each conversation. */
  readonly claudeTitles: boolean;
  readonly log: Log;
  readonly newUuid: () => string;
  readonly clock: ClaudeInput['clock'];
  /** Hears the facts of every conversation. */
  readonly onFact: (key: ConversationKey, fact: ConversationFact) => void;
  /** Tests swap the claude actor here. */
  readonly machine?: typeof conversationMachine;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #admission: Admission;
  readonly #conversations = new ActorRegistry<Conversation>();
  readonly #starting = new Map<ConversationKey, Promise<Conversation>>();
  readonly #redact: (words: string) => string;
  #draining = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    const { anthropicApiKey, anthropicAuthToken, claudeOauthToken } = parts.settings;
    this.#redact = redaction([anthropicApiKey, anthropicAuthToken, claudeOauthToken]);
    this.#admission = new Admission(parts.maxProcesses, () => this.#evictOne());
  }

  /** The living conversation, without starting it. */
  find(key: ConversationKey): Conversation | undefined {
    return this.#conversations.get(key);
  }

  /** Takes what its next prompt needs of the store, so that one that cannot run is not accepted. */
  async open(key: ConversationKey): Promise<void> {
    await this.#alive(key);
  }

  /** Hands an accepted prompt to its conversation. Null, or why it was not taken. */
  async prompt(
    key: ConversationKey,
    command: Pick<RunCommand, 'runId' | 'text'>,
  ): Promise<FaultCode | null> {
    const conversation = await this.#alive(key);
    if (conversation === null) return 'server.restarting';
    // It may have ended while we waited; what an ended actor is sent is lost without a word.
    return conversation.isLiving ? conversation.prompt(command) : this.prompt(key, command);
  }

  /** Hands answers to approvals to their conversation. Null, or why they were not taken. */
  answer(key: ConversationKey, runId: string, decisions: readonly Decision[]): FaultCode | null {
    const conversation = this.find(key);
    return conversation ? conversation.answer(runId, decisions) : 'approval.answered';
  }

  abort(key: ConversationKey, runId: string): void {
    this.find(key)?.actor.send({ type: 'user.abort', runId });
  }

  /** Starts the process ahead of need, if there is room without ending another's. */
  async warm(key: ConversationKey): Promise<void> {
    if (!this.#hasSpareRoom()) return;
    const conversation = await this.#alive(key);
    // Others may have taken it meanwhile: all tabs come back at once when the server does.
    if (this.#hasSpareRoom()) conversation?.actor.send({ type: 'user.warm' });
  }

  /** Ends a conversation that is no longer wanted, and what it is doing. */
  dismiss(key: ConversationKey): void {
    this.find(key)?.actor.send({ type: 'conversation.stop' });
  }

  /** Whether new prompts are refused. Answers and aborts go on. */
  get isDraining(): boolean {
    return this.#draining;
  }

  /** Begins nothing new; resolves when the last turn that was at work has ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.allSettled(this.#starting.values());
    const living = [...this.#conversations.values()];
    await new Promise<void>((resolve) => {
      const look = () => living.some((one) => one.isLiving && one.isWorking) || resolve();
      for (const { actor } of living) actor.subscribe({ next: look, complete: look, error: look });
      for (const { actor } of living) actor.send({ type: 'conversation.drain' });
      look();
    });
  }

  /** Stops every conversation, waiting at most `withinMs`; returns how many had to be cut off. */
  async stop(withinMs: number): Promise<number> {
    this.#draining = true;
    await Promise.allSettled(this.#starting.values());
    const living = [...this.#conversations.values()];
    const gone = living.map(
      ({ actor }) =>
        new Promise<void>((resolve) =>
          actor.subscribe({ complete: resolve, error: () => resolve() }),
        ),
    );
    for (const { actor } of living) actor.send({ type: 'conversation.stop' });
    await within(Promise.all(gone), withinMs);
    const late = [...this.#conversations.values()];
    for (const { actor } of late) actor.stop();
    await within(this.#admission.idle(), KILL_MS);
    // A journal that waits for room on the disk is not waited for: its run ends as `interrupted` later.
    await within(Promise.all(living.map(({ journal }) => journal.settled())), SETTLE_MS);
    return late.length;
  }

  get state() {
    return { conversations: this.#conversations.size, ...this.#admission.state };
  }

  #hasSpareRoom(): boolean {
    const { alive, starting, waiting } = this.#admission.state;
    return alive < this.#parts.maxProcesses && starting === 0 && waiting === 0;
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
    const { store, agent, settings, log, newUuid, clock, machine, processIdleMs, stallMs, onFact } =
      this.#parts;
    const lease = await store.acquire(key);
    const user = userOf(key);
    const conversationLog = log.child({ conversation: lease.sessionId });
    const journal = new Journal({
      store,
      lease,
      clock,
      onDrained: () => conversation.drained(),
      onFull: () => conversationLog.warn('the disk is full: the journal waits for room'),
      onFailed: (error) => {
        conversationLog.error({ err: error }, 'the journal failed');
        conversation.actor.send({ type: 'journal.failed' });
        const fault = error instanceof FaultError ? error.code : 'store.unavailable';
        onFact(key, { type: 'journalFailed', fault });
      },
    });
    const conversation: Conversation = new Conversation({
      journal,
      machine: machine ?? conversationMachine,
      processIdleMs,
      messages: (bounds) => store.messages(key, null, bounds),
      newRunId: newUuid,
      roomIsWanted: () => this.#admission.state.waiting > 0,
      withdraw: (runId) =>
        void untilRoom(() => store.withdraw(key, runId), clock).catch((error: unknown) => {
          conversationLog.error(
            { err: error },
            'a prompt that was taken back could not be forgotten',
          );
        }),
      wantsTitle: this.#parts.claudeTitles,
      titled: (title) =>
        void store
          .rename(key, title.slice(0, TITLE_MAX).toWellFormed(), 'claude')
          .catch((error: unknown) =>
            conversationLog.error({ err: error }, 'a title could not be kept'),
          ),
      tell: (fact) => onFact(key, fact),
      claude: {
        launch: () => launchClaude(settings, agent.command, user, lease.sessionId, newUuid()),
        admit: (start, ended, signal) => this.#admission.admit(start, ended, signal),
        clock,
        stallMs,
        redact: this.#redact,
        newUuid,
        onBug: (error) => conversationLog.error({ err: error }, 'the claude actor failed'),
      },
    });
    this.#conversations.start(key, conversation, (error) => {
      if (error === null) return this.#handOver(conversation, conversationLog);
      conversationLog.error({ err: error }, 'the conversation actor failed');
      conversation.endOpenRun();
    });
    return conversation;
  }

  /** Prompts that still waited when it ended, because its journal failed, go to the next one. */
  #handOver({ key, pending }: Conversation, log: Log): void {
    for (const { runId, text } of pending)
      this.prompt(key, { runId, text }).catch((error: unknown) =>
        log.error({ err: error }, 'a prompt that waited could not be handed over'),
      );
  }

  /** Ends the idle process that was not used for the longest time. */
  #evictOne(): void {
    for (const { actor } of this.#conversations.values()) {
      if (!actor.getSnapshot().matches({ alive: 'ready' })) continue;
      return actor.send({ type: 'process.evict' });
    }
  }
}
