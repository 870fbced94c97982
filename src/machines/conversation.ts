/**
 * One live conversation: its root actor, and the hands the machine works with. Texts live here: what a
 * prompt says, what an approval is about and what was answered; the machine knows them by id.
 */
import { type Actor, createActor } from 'xstate';
import type { ClaudeDesk, ClaudeEmitted, ClaudeInput, PermissionAnswer } from '../claude/facts.ts';
import type { FaultCode } from '../faults.ts';
import type { Journal } from '../store/journal.ts';
import type { ConversationKey, RunCommand } from '../store/store.ts';
import type { PendingItem, ResumeEntry } from '../transport/protocol.ts';
import { Approvals, type Decision, resumeEntry } from './approvals.ts';
import type { ConversationPorts, RunEnd } from './conversation.events.ts';
import type { conversationMachine } from './conversation.machine.ts';
import { blockIds, type Messages, RunRecorder } from './run-recorder.ts';

/** Prompts that may wait in one conversation. */
const QUEUE_MAX = 20;

export const CONVERSATION_TIMES = {
  /** 0.4 to 0.8 s when measured on an idle machine, more under load. */
  startTimeoutMs: 30_000,
  interruptTimeoutMs: 10_000,
  dormantMs: 60_000,
  crashesMax: 3,
  crashWindowMs: 300_000,
  crashPauseMs: 60_000,
};

/** What those who watch a conversation hear besides its journal. */
export type ConversationFact =
  | { type: 'promptWithdrawn'; runId: string }
  | { type: 'pendingChanged' }
  /** Nothing more of it can be kept; what was kept so far stays. */
  | { type: 'journalFailed'; fault: FaultCode };

export interface ConversationParts {
  readonly journal: Journal;
  readonly machine: typeof conversationMachine;
  readonly claude: Omit<ClaudeInput, 'desk' | 'nextBlockId'>;
  readonly processIdleMs: number;
  /** What was said so far, as far as it is durable. */
  readonly messages: Messages;
  readonly newRunId: () => string;
  readonly roomIsWanted: () => boolean;
  readonly withdraw: (runId: string) => void;
  /** Whether Claude is to find a title, and where it goes. */
  readonly wantsTitle: boolean;
  readonly titled: (title: string) => void;
  readonly tell: (fact: ConversationFact) => void;
}

export class Conversation implements ClaudeDesk {
  readonly key: ConversationKey;
  readonly actor: Actor<typeof conversationMachine>;
  readonly journal: Journal;
  readonly #parts: ConversationParts;
  readonly #recorder: RunRecorder;
  readonly #prompts = new Map<string, string>();
  readonly #resumes = new Map<string, ResumeEntry[]>();
  readonly #approvals = new Approvals();
  #queue: readonly string[] = [];
  /** Only the first prompt of a conversation names it. */
  #untitled: boolean;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.journal = parts.journal;
    this.key = parts.journal.lease.key;
    this.#recorder = new RunRecorder(parts.journal, parts.messages);
    this.#untitled = parts.wantsTitle && parts.journal.lease.head === null;
    this.actor = createActor(parts.machine, {
      input: { ports: this.#ports(), processIdleMs: parts.processIdleMs, ...CONVERSATION_TIMES },
    });
  }

  /** Takes an accepted prompt. Null, or why it cannot be taken. */
  prompt({ runId, text }: Pick<RunCommand, 'runId' | 'text'>): FaultCode | null {
    if (this.#prompts.has(runId)) return null; // it waits or runs already
    if (this.#queue.length >= QUEUE_MAX) return 'queue.full';
    this.#prompts.set(runId, text);
    this.actor.send({ type: 'user.prompt', runId });
    return null;
  }

  /** Takes answers to approvals that are still open. Null, or why they cannot be taken. */
  answer(runId: string, decisions: readonly Decision[]): FaultCode | null {
    const requestIds = decisions.map(({ requestId }) => requestId);
    const event = { type: 'user.answer' as const, runId, requestIds };
    const snapshot = this.actor.getSnapshot();
    const open = requestIds.every((id) => snapshot.context.asking.includes(id));
    if (!open || !snapshot.can(event)) return 'approval.answered';
    for (const decision of decisions) this.#approvals.decide(decision);
    this.#resumes.set(runId, decisions.map(resumeEntry));
    this.actor.send(event);
    return null;
  }

  get isLiving(): boolean {
    return this.actor.getSnapshot().status === 'active';
  }

  /** A turn runs. One that only waits for an approval does not. */
  get isWorking(): boolean {
    const snapshot = this.actor.getSnapshot();
    return snapshot.context.run !== null && !snapshot.matches({ alive: 'awaitingApproval' });
  }

  get liveRunId(): string | null {
    return this.actor.getSnapshot().context.run;
  }

  /** What goes on, as a list of conversations shows it. */
  get activity(): 'running' | 'asking' | null {
    const { run, asking } = this.actor.getSnapshot().context;
    if (run === null && asking.length > 0) return 'asking';
    return run !== null || this.#queue.length > 0 ? 'running' : null;
  }

  get pending(): PendingItem[] {
    return this.#queue.map((runId, i) => ({
      runId,
      text: this.promptText(runId),
      why: 'queued',
      position: i + 1,
    }));
  }

  promptText(runId: string): string {
    return this.#prompts.get(runId) ?? '';
  }

  takeUntitled(runId: string): string | null {
    const isWanted = this.#untitled;
    this.#untitled = false;
    return isWanted ? this.promptText(runId) : null;
  }

  takeAnswer(requestId: string): PermissionAnswer {
    return this.#approvals.take(requestId);
  }

  /** The journal has caught up: what Claude wrote meanwhile is still in its pipe. */
  drained(): void {
    this.actor.getSnapshot().children.claude?.send({ type: 'claude.resume' });
  }

  /** The actor failed: what is open ends, so that watchers see why, and the next prompt starts afresh. */
  endOpenRun(): void {
    const run = this.actor.getSnapshot().context.run;
    if (run !== null && this.#recorder.isOpen)
      this.#endRun(run, { how: 'failed', fault: 'conversation.failed', usage: null });
  }

  #ports(): ConversationPorts {
    const { claude, newRunId, roomIsWanted, tell, withdraw, journal } = this.#parts;
    return {
      claude: { ...claude, desk: this, nextBlockId: blockIds(journal) },
      startRun: (runId, parentRunId) => this.#startRun(runId, parentRunId),
      endRun: (runId, end) => this.#endRun(runId, end),
      denyWith: (runId, requestIds) => this.#denyWith(runId, requestIds),
      listen: () => this.#listen(),
      pendingChanged: (queue) => {
        this.#queue = queue;
        tell({ type: 'pendingChanged' });
      },
      withdrawPrompt: (runId) => {
        this.#prompts.delete(runId);
        withdraw(runId);
        tell({ type: 'promptWithdrawn', runId });
      },
      newRunId,
      now: () => claude.clock.now(),
      roomIsWanted,
    };
  }

  #startRun(runId: string, parentRunId: string | null): void {
    if (parentRunId === null) this.#approvals.forget();
    const [prompt, resume] = [this.#prompts.get(runId), this.#resumes.get(runId)];
    this.#recorder.start(runId, parentRunId, { prompt, resume });
  }

  #endRun(runId: string, end: RunEnd): void {
    if (end.how === 'blocked')
      this.#recorder.block(
        runId,
        end.requestIds.map((id) => this.#approvals.interrupt(id)),
      );
    else if (end.how === 'failed') this.#recorder.fail(runId, end.fault, end.usage);
    else this.#recorder.finish(runId, end.how, end.usage);
    this.#prompts.delete(runId);
    this.#resumes.delete(runId);
  }

  /** Tokens go from the claude actor straight to the journal; only the first of a turn of its own is told. */
  #listen(): void {
    const { claude } = this.actor.getSnapshot().children;
    if (!claude) return;
    claude.on('*', (emitted: ClaudeEmitted) => {
      if (emitted.type === 'claude.asked') this.#approvals.ask(emitted.requestId, emitted.request);
      else if (emitted.type === 'claude.words') this.#recorder.words(emitted.words);
      else if (emitted.type === 'claude.titled') this.#parts.titled(emitted.title);
      else {
        if (!this.#recorder.isOpen) this.actor.send({ type: 'claude.spoke' });
        if (!this.#recorder.chunks(emitted.chunks)) claude.send({ type: 'claude.pause' });
      }
    });
  }

  #denyWith(runId: string, requestIds: readonly string[]): void {
    const message = this.promptText(runId);
    for (const requestId of requestIds) this.#approvals.deny(requestId, message);
  }
}
