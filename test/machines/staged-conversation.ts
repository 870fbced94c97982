/** A conversation machine whose Claude is played by the test and whose ports keep a ledger of runs. */
import assert from 'node:assert/strict';
import { type Actor, createActor, fromCallback, SimulatedClock } from 'xstate';
import type {
  ClaudeCommand,
  ClaudeEmitted,
  ClaudeFact,
  ClaudeInput,
} from '../../src/claude/facts.ts';
import type { TurnUsage } from '../../src/claude/message.ts';
import type {
  ConversationEvent,
  ConversationPorts,
  RunEnd,
} from '../../src/machines/conversation.events.ts';
import { conversationMachine } from '../../src/machines/conversation.machine.ts';
import type { Slot } from '../../src/machines/run-gate.ts';
import type { TokenCounts } from '../../src/tokens.ts';

export const TIMES = {
  startTimeoutMs: 30_000,
  interruptTimeoutMs: 10_000,
  processIdleMs: 600_000,
  dormantMs: 60_000,
  crashesMax: 3,
  crashWindowMs: 300_000,
  crashPauseMs: 60_000,
};

export const USAGE: TurnUsage = {
  inputTokens: 3,
  outputTokens: 5,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.01,
  durationMs: 1_200,
  turns: 1,
};

export type Entry =
  | { did: 'start'; runId: string; parent: string | null }
  | { did: 'end'; runId: string; how: RunEnd['how']; fault?: string; asks?: readonly string[] };

/** What the machine did to runs, and every rule of runs it broke doing so. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly withdrawn: string[] = [];
  readonly denied: { runId: string; requestIds: readonly string[] }[] = [];
  readonly broken: string[] = [];
  pending: readonly string[] = [];
  open: string | null = null;
  readonly spent: [string, TokenCounts][] = [];
  listens = 0;
  /** Another conversation waits for a process. */
  roomIsWanted = false;
  namesRepeat = false;
  /** Its turn among the conversations comes at once, or when the test grants it. */
  slotsAreScarce = false;
  slot: 'none' | 'wanted' | 'held' = 'none';
  onGranted = () => {};
  now = () => 0;
  #own = 0;

  ports(): ConversationPorts {
    return {
      claude: {} as ClaudeInput,
      slot: this.#slotPort(),
      startRun: (runId, parent) => {
        if (this.open !== null) this.broken.push(`${runId} started while ${this.open} is open`);
        if (this.started(runId) && !this.namesRepeat) this.broken.push(`${runId} started twice`);
        this.open = runId;
        this.entries.push({ did: 'start', runId, parent });
      },
      endRun: (runId, end) => {
        if (this.open !== runId) this.broken.push(`${runId} ended while ${this.open} is open`);
        this.open = null;
        this.entries.push({
          did: 'end',
          runId,
          how: end.how,
          ...('fault' in end && { fault: end.fault }),
          ...('requestIds' in end && { asks: end.requestIds }),
        });
      },
      withdrawPrompt: (runId) => this.withdrawn.push(runId),
      denyWith: (runId, requestIds) => this.denied.push({ runId, requestIds }),
      spend: (runId, tokens) => this.spent.push([runId, tokens]),
      listen: () => {
        this.listens += 1;
      },
      pendingChanged: (queue) => {
        this.pending = queue;
      },
      now: () => this.now(),
      newRunId: () => `own-${++this.#own}`,
      roomIsWanted: () => this.roomIsWanted,
    };
  }

  grant(): void {
    if (this.slot !== 'wanted') this.broken.push('a slot is granted that nobody wants');
    this.slot = 'held';
    this.onGranted();
  }

  #slotPort(): Slot {
    const ledger = this;
    return {
      want() {
        if (ledger.slot !== 'none')
          ledger.broken.push(`a slot is wanted while it is ${ledger.slot}`);
        ledger.slot = 'wanted';
        if (!ledger.slotsAreScarce) ledger.grant();
      },
      take() {
        ledger.slot = 'held';
      },
      release() {
        ledger.slot = 'none';
      },
      get isHeld() {
        return ledger.slot === 'held';
      },
    };
  }

  started(runId: string): boolean {
    return this.entries.some((entry) => entry.did === 'start' && entry.runId === runId);
  }

  endOf(runId: string): Entry | undefined {
    return this.entries.find((entry) => entry.did === 'end' && entry.runId === runId);
  }

  /** The entries as short lines, for whole-story comparisons. */
  get story(): string[] {
    return this.entries.map((entry) =>
      entry.did === 'start'
        ? `start ${entry.runId}${entry.parent === null ? '' : ` after ${entry.parent}`}`
        : `end ${entry.runId} ${entry.fault ?? entry.how}${entry.asks ? ` ${entry.asks}` : ''}`,
    );
  }
}

/** @param slotOf Its turns among others; else they come as the ledger has it. */
export function stageConversation(
  times: Partial<typeof TIMES> = {},
  slotOf?: (onGranted: () => void) => Slot,
) {
  const clock = new SimulatedClock();
  const ledger = new Ledger();
  ledger.now = () => clock.now();
  const commands: ClaudeCommand[] = [];
  let alive = 0;
  let report: (fact: ClaudeFact) => void = () => {};
  const machine = conversationMachine.provide({
    actors: {
      claude: fromCallback<ClaudeCommand, ClaudeInput, ClaudeEmitted>(({ sendBack, receive }) => {
        alive += 1;
        report = sendBack;
        receive((command) => commands.push(command));
        return () => {
          alive -= 1;
        };
      }),
    },
  });
  const failures: unknown[] = [];
  const granted = () => actor.send({ type: 'slot.granted' });
  ledger.onGranted = granted;
  const slot = slotOf?.(granted) ?? ledger.ports().slot;
  const actor: Actor<typeof machine> = createActor(machine, {
    clock,
    input: { ports: { ...ledger.ports(), slot }, ...TIMES, ...times },
  });
  actor.subscribe({ error: (error) => failures.push(error) });
  actor.start();

  const staged = {
    actor,
    clock,
    ledger,
    commands,
    get state(): unknown {
      return actor.getSnapshot().value;
    },
    get context() {
      return actor.getSnapshot().context;
    },
    get processes() {
      return alive;
    },
    send(...events: ConversationEvent[]) {
      for (const event of events) actor.send(event);
      staged.check();
    },
    /** Claude reports. */
    say(...facts: ClaudeFact[]) {
      for (const fact of facts) report(fact);
      staged.check();
    },
    wait(ms: number) {
      clock.increment(ms);
      staged.check();
    },
    prompt: (...runIds: string[]) =>
      staged.send(...runIds.map((runId) => ({ type: 'user.prompt' as const, runId }))),
    abort: (runId: string) => staged.send({ type: 'user.abort', runId }),
    hurry: (runId: string) => staged.send({ type: 'user.hurry', runId }),
    answer: (runId: string, ...requestIds: string[]) =>
      staged.send({ type: 'user.answer', runId, requestIds }),
    /** Brings a first prompt to `running`. */
    run(runId: string) {
      staged.prompt(runId);
      staged.say(SPAWNED, READY);
    },
    /** Holds at every moment, whatever happened. */
    check() {
      assert.deepEqual(failures, []);
      assert.deepEqual(ledger.broken, []);
      const isAlive = actor.getSnapshot().matches('alive');
      assert.equal(alive, isAlive ? 1 : 0, 'a claude actor exists exactly while alive');
      const { context } = actor.getSnapshot();
      const held = context.slot === 'granted' || context.slot === 'used';
      // One that was granted by another's step may be on its way to the machine.
      if (held) assert.ok(slot.isHeld, 'the slot is what the machine takes it for');
      if (context.slot === 'none') assert.ok(!slot.isHeld, 'a slot was kept');
      assert.ok(context.slot !== 'used' || context.run !== null, 'a slot outlived its run');
    },
  };
  return staged;
}

export type Staged = ReturnType<typeof stageConversation>;

export const SPAWNED: ClaudeFact = { type: 'claude.spawned', pid: 7 };
export const READY: ClaudeFact = { type: 'claude.ready' };
export const TURN_STARTED: ClaudeFact = { type: 'claude.turnStarted' };
export const blocked = (requestId: string): ClaudeFact => ({ type: 'claude.blocked', requestId });
export const unblocked = (requestId: string): ClaudeFact => ({
  type: 'claude.unblocked',
  requestId,
});
export const turnEnded = (
  how: 'done' | 'cancelled' | 'failed' = 'done',
  isDelegating = false,
): Extract<ClaudeFact, { type: 'claude.turnEnded' }> => ({
  type: 'claude.turnEnded',
  how,
  fault: how === 'failed' ? 'claude.api' : null,
  usage: USAGE,
  deltas: 5,
  isDelegating,
});
export const STALLED: ClaudeFact = { type: 'claude.stalled' };
export const EXITED: ClaudeFact = { type: 'claude.exited', fault: null, code: 0, signal: null };
export const CRASHED: ClaudeFact = {
  type: 'claude.exited',
  fault: 'claude.crashed',
  code: null,
  signal: 'SIGKILL',
};
export const START_FAILED: ClaudeFact = {
  type: 'claude.exited',
  fault: 'claude.startFailed',
  code: 1,
  signal: null,
};
