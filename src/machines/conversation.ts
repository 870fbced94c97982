/**
 * One live conversation: its root actor, and the hands the machine works with. Texts live here: what a
 * prompt says, what an approval is about and what was answered; the machine knows them by id.
 */
import { type Actor, createActor } from 'xstate';
import type { ClaudeDesk, PermissionAnswer } from '../claude/facts.ts';
import type { FaultCode } from '../faults.ts';
import type { Journal } from '../store/journal.ts';
import type { ConversationKey } from '../store/store.ts';
import type { Choice, PendingItem, ResumeEntry } from '../transport/protocol.ts';
import { Approvals, type Decision, resumeEntry } from './approvals.ts';
import { listenTo } from './claude-listener.ts';
import { CONVERSATION_TIMES, type ConversationPorts, type RunEnd } from './conversation.events.ts';
import type { conversationMachine } from './conversation.machine.ts';
import type { ConversationParts } from './conversation.parts.ts';
import { activityOf, isWorking } from './conversation-state.ts';
import { taped } from './inspection/recordable.ts';
import { Tape } from './inspection/tape.ts';
import { type Prompt, Prompts } from './prompts.ts';
import { RunCharges } from './run-charges.ts';
import type { RunSlot } from './run-gate.ts';
import { blockIds, type RunIds, RunRecorder } from './run-recorder.ts';
import { whenChanged } from './when-changed.ts';

export class Conversation implements ClaudeDesk {
  readonly key: ConversationKey;
  readonly id: string;
  readonly actor: Actor<typeof conversationMachine>;
  readonly journal: Journal;
  readonly tape: Tape;
  /** When its process was started, epoch ms; null before the first. */
  startedAt: number | null = null;
  readonly #parts: ConversationParts;
  readonly #recorder: RunRecorder;
  readonly #prompts: Prompts;
  readonly #resumes = new Map<string, ResumeEntry[]>();
  readonly #approvals: Approvals;
  readonly #charges: RunCharges;
  readonly #slot: RunSlot;
  #choice: Choice;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.journal = parts.journal;
    this.#choice = parts.choice;
    this.key = parts.journal.lease.key;
    this.id = parts.journal.lease.sessionId;
    const time = (run: RunIds) => parts.time({ ...run, model: this.#choice.model });
    this.#recorder = new RunRecorder(parts.journal, parts.messages, time);
    this.#approvals = new Approvals(parts.permissionMode, parts.onAnswered);
    this.#charges = new RunCharges({
      spend: parts.spend,
      onSpent: (runId) => this.actor.send({ type: 'budget.spent', runId }),
      onError: parts.onBug,
    });
    const { head, fork } = parts.journal.lease;
    this.#prompts = new Prompts({
      ...parts,
      isUntitled: parts.wantsTitle && head === null && fork === null,
    });
    this.#slot = parts.slotOf({
      onGranted: () => this.actor.send({ type: 'slot.granted' }),
      onMoved: () => this.#tellPending(),
    });
    const ports = taped(this.#ports(), () => this.tape);
    this.actor = createActor(parts.machine, {
      input: { ports, processIdleMs: parts.processIdleMs, ...CONVERSATION_TIMES },
    });
    this.tape = new Tape(this.actor);
    const error = () => {}; // the registry hears of it
    const tell = () => parts.tell({ type: 'activityChanged' });
    this.actor.subscribe({ next: () => this.#tellPending(), error });
    this.actor.subscribe({ next: whenChanged(() => this.activity, tell), error });
  }

  /** Takes an accepted prompt. Null, or why it cannot be taken. */
  prompt(prompt: Prompt): FaultCode | null {
    const { runId } = prompt;
    if (this.#prompts.get(runId)) return null; // it waits or runs already
    // It would be the answer “no”, which has words alone.
    if (prompt.images && this.actor.getSnapshot().matches({ alive: 'awaitingApproval' }))
      return 'approval.first';
    if (this.#prompts.isFull) return 'queue.full';
    this.#prompts.add(prompt);
    this.actor.send({ type: 'user.prompt', runId });
    return null;
  }

  /** Takes answers to approvals that are still open. Null, or why they cannot be taken. */
  answer(runId: string, decisions: readonly Decision[]): FaultCode | null {
    const asked = decisions.map((decision) => this.#approvals.requestOf(decision.interruptId));
    const requestIds = asked.filter((id) => id !== null);
    const event = { type: 'user.answer' as const, runId, requestIds };
    const snapshot = this.actor.getSnapshot();
    const open = asked.every((id) => id !== null && snapshot.context.asking.includes(id));
    if (!open || !snapshot.can(event)) return 'approval.answered';
    for (const [i, id] of requestIds.entries()) {
      const decision = decisions[i];
      if (decision) this.#approvals.decide(id, decision);
    }
    this.#resumes.set(runId, decisions.map(resumeEntry));
    this.actor.send(event);
    return null;
  }

  get choice(): Choice {
    return this.#choice;
  }

  /** From its next turn on it is set so. */
  choose(choice: Choice): void {
    this.#choice = choice;
    this.actor.send({ type: 'user.chose' });
  }

  get isLiving(): boolean {
    return this.actor.getSnapshot().status === 'active';
  }

  /** A turn runs, or subagents do. */
  get isWorking(): boolean {
    return isWorking(this.actor.getSnapshot());
  }

  get liveRunId(): string | null {
    return this.actor.getSnapshot().context.run;
  }

  get heardAt(): number | null {
    return this.#recorder.heardAt;
  }

  get activity(): 'running' | 'asking' | null {
    return activityOf(this.actor.getSnapshot(), this.#prompts.queue.length > 0);
  }

  get pending(): PendingItem[] {
    return this.#prompts.pending;
  }

  get waiting(): Prompt[] {
    return this.#prompts.waiting;
  }

  promptText(runId: string): string {
    return this.#prompts.text(runId);
  }

  promptImages(runId: string) {
    return this.#prompts.images(runId);
  }

  isExpanded(runId: string): boolean {
    return this.#parts.mayExpand(this.promptText(runId), this.#choice);
  }

  takeUntitled(runId: string): string | null {
    return this.#prompts.takeUntitled(runId);
  }

  takeAnswer(requestId: string): PermissionAnswer {
    return this.#approvals.take(requestId);
  }

  /** The journal has caught up: what Claude wrote meanwhile is still in its pipe. */
  drained(): void {
    this.actor.getSnapshot().children.claude?.send({ type: 'claude.resume' });
  }

  /** The actor failed: what is open or waits ends, so that watchers see why, and the next prompt starts afresh. */
  endRuns(): void {
    this.#slot.release();
    const end = { how: 'failed', fault: 'conversation.failed', usage: null } as const;
    const run = this.actor.getSnapshot().context.run;
    if (run !== null && this.#recorder.isOpen) this.#endRun(run, end);
    for (const { runId } of this.waiting) {
      this.#startRun(runId, null);
      this.#endRun(runId, end);
    }
  }

  #ports(): ConversationPorts {
    const { claude, newRunId, roomIsWanted, tell, withdraw, journal } = this.#parts;
    return {
      claude: { ...claude, desk: this, nextBlockId: blockIds(journal) },
      slot: this.#slot,
      startRun: (runId, parentRunId) => this.#startRun(runId, parentRunId),
      endRun: (runId, end) => this.#endRun(runId, end),
      denyWith: (runId, requestIds) => {
        for (const id of requestIds) this.#approvals.deny(id, this.promptText(runId));
      },
      listen: () => this.#listen(),
      pendingChanged: (queue) => {
        this.#prompts.queue = queue;
      },
      withdrawPrompt: (runId) => {
        this.#prompts.forget(runId);
        withdraw(runId);
        tell({ type: 'promptWithdrawn', runId });
      },
      spend: (runId, tokens) => this.#charges.progress(runId, tokens),
      newRunId,
      now: () => claude.clock.now(),
      roomIsWanted,
    };
  }

  /** After each step: the first that waits does so for the machine, or for what runs here. */
  #tellPending(): void {
    const { slot } = this.actor.getSnapshot().context;
    const waitsForRoom = slot === 'wanted' || slot === 'granted';
    if (this.#prompts.stand(waitsForRoom ? this.#slot.place : null))
      this.#parts.tell({ type: 'pendingChanged' });
  }

  #startRun(runId: string, parentRunId: string | null): void {
    if (parentRunId === null) this.#approvals.forget();
    const [prompt, resume] = [this.#prompts.get(runId), this.#resumes.get(runId)];
    this.#recorder.start(runId, parentRunId, { prompt, resume });
  }

  #endRun(runId: string, end: RunEnd): void {
    const spent = this.#charges.end(end.usage);
    this.#recorder.spent = spent;
    const isOverdrawn = end.how === 'failed' && end.fault === 'limits.tokens';
    const overdrawn = isOverdrawn ? this.#charges.receipt(runId, spent) : null;
    if (overdrawn !== null) this.#recorder.receipt(runId, { limit: 'tokens', ...overdrawn });
    if (end.how === 'blocked') {
      const asked = end.requestIds.map((id) => this.#approvals.interrupt(id));
      this.#recorder.block(runId, asked, end.usage);
    } else if (end.how === 'failed') this.#recorder.fail(runId, end.fault, end.usage);
    else this.#recorder.finish(runId, end.how, end.usage);
    this.#prompts.forget(runId);
    this.#resumes.delete(runId);
  }

  #listen(): void {
    this.startedAt = Date.now();
    this.#charges.begin();
    const { claude } = this.actor.getSnapshot().children;
    if (!claude) return;
    listenTo(claude, {
      approvals: this.#approvals,
      recorder: this.#recorder,
      titled: this.#parts.titled,
      filled: this.#parts.filled,
      spokeUnasked: () => this.actor.send({ type: 'claude.spoke' }),
    });
  }
}
