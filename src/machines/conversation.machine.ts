import { assign, enqueueActions, sendTo, setup } from 'xstate';
import type { ClaudeFact, ClaudeInput } from '../claude/facts.ts';
import type { TurnUsage } from '../claude/message.ts';
import { claudeProcess } from '../claude/process.ts';
import type { FaultCode } from '../faults.ts';

/** How a run ended. `blocked`: it waits for the answers to `requestIds`, and another run goes on from there. */
export type RunEnd =
  | { how: 'done' | 'cancelled'; usage: TurnUsage | null }
  | { how: 'failed'; fault: FaultCode; usage: TurnUsage | null }
  | { how: 'blocked'; requestIds: readonly string[] };

/** What the machine needs done: it decides, these do. All return at once and none throws. */
export interface ConversationPorts {
  readonly claude: ClaudeInput;
  /** Opens the journal's record of a run, with its prompt where it has one. */
  startRun(runId: string, parentRunId: string | null): void;
  endRun(runId: string, end: RunEnd): void;
  /** A prompt was taken back before it started: as if it had never been sent. */
  withdrawPrompt(runId: string): void;
  /** Makes the text of a prompt the answer “no” to each request. */
  denyWith(runId: string, requestIds: readonly string[]): void;
  /** The process exists: listen to what it emits. */
  listen(): void;
  /** The prompts that wait have changed: these do now, oldest first. */
  pendingChanged(queue: readonly string[]): void;
  newRunId(): string;
  /** Whether another conversation waits for the room an idle process takes. */
  roomIsWanted(): boolean;
}

export interface ConversationInput {
  readonly ports: ConversationPorts;
  readonly startTimeoutMs: number;
  readonly interruptTimeoutMs: number;
  readonly processIdleMs: number;
  readonly dormantMs: number;
}

export interface ConversationContext extends ConversationInput {
  /** Accepted prompts that have not started, oldest first. */
  readonly queue: readonly string[];
  /** The run that Claude's words belong to; null between runs and while approvals are awaited. */
  readonly run: string | null;
  /** The run that ended in a question nothing has gone on from yet: the next one names it as its parent. */
  readonly blockedRun: string | null;
  /** Approvals asked for and not answered. */
  readonly asking: readonly string[];
  /** Why the process is being ended, when that is a fault of this turn. */
  readonly fault: FaultCode | null;
  /** The server stops: nothing is started any more. */
  readonly leaving: boolean;
  readonly deltas: number;
}

export type ConversationEvent =
  | ClaudeFact
  /** Claude says something while no run is open. */
  | { type: 'claude.spoke' }
  | { type: 'user.prompt'; runId: string }
  | { type: 'user.warm' }
  | { type: 'user.answer'; runId: string; requestIds: readonly string[] }
  | { type: 'user.abort'; runId: string }
  /** Others need the room this idle process takes. */
  | { type: 'process.evict' }
  | { type: 'journal.failed' }
  | { type: 'conversation.stop' };

export const conversationMachine = setup({
  types: {} as {
    context: ConversationContext;
    events: ConversationEvent;
    input: ConversationInput;
    children: { claude: 'claude' };
  },
  actors: { claude: claudeProcess },
  guards: {
    promptWaits: ({ context }) => context.queue.length > 0 && !context.leaving,
    roomIsWanted: ({ context }) => context.ports.roomIsWanted(),
    isLeaving: ({ context }) => context.leaving,
    noRunIsOpen: ({ context }) => context.run === null,
    namesQueued: ({ context, event }) =>
      event.type === 'user.abort' && context.queue.includes(event.runId),
    namesRun: ({ context, event }) => event.type === 'user.abort' && event.runId === context.run,
    namesAskingRun: ({ context, event }) =>
      event.type === 'user.abort' && [context.run, context.blockedRun].includes(event.runId),
    startWasOverdue: ({ context }) =>
      context.fault === 'claude.startTimeout' && context.queue.length > 0,
    startFailed: ({ event }) => event.type === 'claude.exited' && event.fault !== null,
  },
  delays: {
    startTimeout: ({ context }) => context.startTimeoutMs,
    interruptTimeout: ({ context }) => context.interruptTimeoutMs,
    processIdle: ({ context }) => context.processIdleMs,
    dormancy: ({ context }) => context.dormantMs,
  },
  actions: {
    queuePrompt: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'user.prompt') return;
      enqueue.assign({ queue: [...context.queue, event.runId] });
      enqueue(tellPending);
    }),
    dropQueued: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'user.abort') return;
      enqueue.assign({ queue: context.queue.filter((runId) => runId !== event.runId) });
      enqueue(({ context: { ports } }) => ports.withdrawPrompt(event.runId));
      enqueue(tellPending);
    }),
    /** The oldest waiting prompt becomes the run. */
    startPromptedRun: enqueueActions(({ enqueue, context }) => {
      const [runId, ...queue] = context.queue;
      if (runId === undefined) return;
      enqueue.assign({ queue, run: runId });
      enqueue(({ context: { ports } }) => ports.startRun(runId, null));
      enqueue(tellPending);
      enqueue.sendTo('claude', { type: 'claude.prompt', runId });
    }),
    /** What Claude says unasked, or while approvals are awaited, belongs to a run of the server's own. */
    startOwnRun: enqueueActions(({ enqueue, context }) => {
      if (context.run !== null) return;
      const runId = context.ports.newRunId();
      enqueue.assign({ run: runId });
      enqueue(({ context: { ports, blockedRun } }) => ports.startRun(runId, blockedRun));
    }),
    /** The answers, or the prompt that stands for them, go on from the run that asked. */
    startAnsweringRun: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'user.answer' && event.type !== 'user.prompt') return;
      const { runId } = event;
      const { asking, run, blockedRun } = context;
      const answered = event.type === 'user.answer' ? event.requestIds : asking;
      enqueue(({ context: { ports } }) => {
        if (run !== null) ports.endRun(run, { how: 'done', usage: null });
        ports.startRun(runId, run ?? blockedRun);
        if (event.type === 'user.prompt') ports.denyWith(runId, asking);
      });
      enqueue.assign({
        run: runId,
        blockedRun: null,
        asking: asking.filter((id) => !answered.includes(id)),
      });
      for (const requestId of answered)
        enqueue.sendTo('claude', { type: 'claude.answer', requestId });
    }),
    noteRequest: assign({
      asking: ({ context, event }) =>
        event.type === 'claude.blocked' ? [...context.asking, event.requestId] : context.asking,
    }),
    forgetRequest: assign({
      asking: ({ context, event }) =>
        event.type === 'claude.unblocked'
          ? context.asking.filter((id) => id !== event.requestId)
          : context.asking,
    }),
    endRunBlocked: enqueueActions(({ enqueue, context }) => {
      const { run, asking } = context;
      if (run === null) return;
      enqueue(({ context: { ports } }) =>
        ports.endRun(run, { how: 'blocked', requestIds: asking }),
      );
      enqueue.assign({ run: null, blockedRun: run });
    }),
    /** A question that nothing answered any more ends as well, in a run that goes on from it. */
    endRun: enqueueActions(({ enqueue, context, event }) => {
      const { run, blockedRun, ports } = context;
      const open = run ?? (blockedRun === null ? null : ports.newRunId());
      enqueue.assign({ asking: [], run: null, blockedRun: null });
      if (open === null) return;
      enqueue(() => {
        if (run === null) ports.startRun(open, blockedRun);
        ports.endRun(open, endOf(context, event));
      });
    }),
    /** The process never became ready: the prompt that needed it fails, the ones behind it try again. */
    failFirstPrompt: enqueueActions(({ enqueue, context, event }) => {
      const [runId, ...queue] = context.queue;
      if (runId === undefined) return;
      enqueue.assign({ queue });
      enqueue(({ context: { ports } }) => {
        ports.startRun(runId, null);
        ports.endRun(runId, {
          how: 'failed',
          fault: faultOf(context, event) ?? 'claude.startFailed',
          usage: null,
        });
      });
      enqueue(tellPending);
    }),
    listen: ({ context }) => context.ports.listen(),
    countDeltas: assign({
      deltas: ({ context, event }) => ('deltas' in event ? event.deltas : context.deltas),
    }),
    interrupt: sendTo('claude', { type: 'claude.interrupt' }),
    stop: sendTo('claude', { type: 'claude.stop' }),
    blameLateStart: assign({ fault: 'claude.startTimeout' }),
    blameStore: assign({ fault: 'store.unavailable', leaving: true }),
    clearFault: assign({ fault: null, asking: [] }),
    leave: assign({ leaving: true }),
  },
}).createMachine({
  id: 'conversation',
  initial: 'dormant',
  context: ({ input }) => ({
    ...input,
    queue: [],
    run: null,
    blockedRun: null,
    asking: [],
    fault: null,
    leaving: false,
    deltas: 0,
  }),
  states: {
    dormant: {
      description: 'No process. The next prompt starts one.',
      always: [
        { guard: 'isLeaving', target: 'stopped' },
        { guard: 'promptWaits', target: 'alive' },
      ],
      after: { dormancy: 'stopped' },
      on: {
        'user.prompt': { target: 'alive', actions: 'queuePrompt' },
        'user.warm': 'alive',
        'user.abort': { guard: 'namesQueued', actions: 'dropQueued' },
        'journal.failed': 'stopped',
        'conversation.stop': 'stopped',
      },
    },
    alive: {
      description: 'A claude actor exists. Only its exit leaves this state.',
      entry: 'clearFault',
      invoke: { id: 'claude', src: 'claude', input: ({ context }) => context.ports.claude },
      on: {
        'user.prompt': { actions: 'queuePrompt' },
        'user.abort': { guard: 'namesQueued', actions: 'dropQueued' },
        'claude.progress': { actions: 'countDeltas' },
        'claude.blocked': { actions: 'noteRequest' },
        'claude.unblocked': { actions: 'forgetRequest' },
        'claude.turnEnded': { actions: ['countDeltas', 'endRun'] },
        'claude.exited': [
          { guard: 'startWasOverdue', target: 'dormant', actions: 'failFirstPrompt' },
          { target: 'dormant', actions: 'endRun' },
        ],
        'journal.failed': { target: '.stopping', actions: 'blameStore' },
        'conversation.stop': { target: '.stopping', actions: 'leave' },
      },
      initial: 'admitted',
      states: {
        admitted: {
          description: 'Waits for room to start the process.',
          on: {
            'claude.spawned': { target: 'starting', actions: 'listen' },
            'claude.exited': {
              guard: 'startFailed',
              target: '#conversation.dormant',
              actions: 'failFirstPrompt',
            },
          },
        },
        starting: {
          description: 'The process exists and has not answered yet.',
          after: { startTimeout: { target: 'stopping', actions: 'blameLateStart' } },
          on: {
            'claude.ready': 'ready',
            'claude.exited': {
              guard: 'startFailed',
              target: '#conversation.dormant',
              actions: 'failFirstPrompt',
            },
          },
        },
        ready: {
          description: 'The process waits for a prompt.',
          always: [
            { guard: 'promptWaits', target: 'running', actions: 'startPromptedRun' },
            { guard: 'roomIsWanted', target: 'stopping' },
          ],
          after: { processIdle: 'stopping' },
          on: {
            'claude.turnStarted': { target: 'running', actions: 'startOwnRun' },
            'process.evict': 'stopping',
          },
        },
        running: {
          description: 'Claude works on the run.',
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'claude.blocked': {
              target: 'awaitingApproval',
              actions: ['noteRequest', 'endRunBlocked'],
            },
            'claude.turnEnded': { target: 'ready', actions: ['countDeltas', 'endRun'] },
            'user.abort': [
              { guard: 'namesRun', target: 'interrupting' },
              { guard: 'namesQueued', actions: 'dropQueued' },
            ],
          },
        },
        awaitingApproval: {
          description: 'Claude waits for leave to use a tool. No timer ends this.',
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'user.answer': { target: 'answering', actions: 'startAnsweringRun' },
            'user.prompt': { target: 'answering', actions: 'startAnsweringRun' },
            'claude.blocked': { actions: ['startOwnRun', 'noteRequest', 'endRunBlocked'] },
            'claude.unblocked': { target: 'answering', actions: 'forgetRequest' },
            'claude.turnEnded': { target: 'ready', actions: ['countDeltas', 'endRun'] },
            'user.abort': [
              { guard: 'namesAskingRun', target: 'interrupting' },
              { guard: 'namesQueued', actions: 'dropQueued' },
            ],
          },
        },
        answering: {
          description: 'An answer was given; others may still be open.',
          always: [
            { guard: ({ context }) => context.asking.length === 0, target: 'running' },
            { target: 'awaitingApproval', actions: 'endRunBlocked' },
          ],
        },
        interrupting: {
          description: 'The turn was told to stop and has not said how it ended.',
          entry: 'interrupt',
          after: { interruptTimeout: 'stopping' },
          on: {
            'claude.spoke': { guard: 'noRunIsOpen', actions: 'startOwnRun' },
            'claude.turnEnded': { target: 'ready', actions: ['countDeltas', 'endRun'] },
          },
        },
        stopping: {
          description: 'The process is being ended, bounded at each step.',
          entry: 'stop',
        },
      },
    },
    stopped: { type: 'final' },
  },
});

function tellPending({ context }: { context: ConversationContext }): void {
  context.ports.pendingChanged(context.queue);
}

function faultOf(
  { fault, leaving }: ConversationContext,
  event: ConversationEvent,
): FaultCode | null {
  if (fault !== null) return fault;
  if (leaving) return 'interrupted';
  return 'fault' in event ? event.fault : null;
}

function endOf(context: ConversationContext, event: ConversationEvent): RunEnd {
  const usage = 'usage' in event ? event.usage : null;
  const fault = faultOf(context, event);
  if (fault !== null) return { how: 'failed', fault, usage };
  return {
    how: event.type === 'claude.turnEnded' && event.how === 'done' ? 'done' : 'cancelled',
    usage,
  };
}
