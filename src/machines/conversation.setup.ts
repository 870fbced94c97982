import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { claudeProcess } from '../claude/process.ts';
import {
  type ConversationContext,
  type ConversationEvent,
  type ConversationInput,
  endOf,
  faultOf,
} from './conversation.events.ts';

/** What the names in the machine stand for. It is decided there when each is done. */
export const conversationSetup = setup({
  types: {} as {
    context: ConversationContext;
    events: ConversationEvent;
    input: ConversationInput;
    children: { claude: 'claude' };
  },
  actors: { claude: claudeProcess },
  guards: {
    promptWaits: ({ context }) => context.queue.length > 0 && !context.leaving,
    /** It has the turn that it waited for. */
    mayRun: ({ context: { queue, slot, leaving } }) =>
      queue.length > 0 && slot === 'granted' && !leaving,
    needsSlot: ({ context: { queue, slot, leaving, draining } }) =>
      queue.length > 0 && slot === 'none' && !leaving && !draining,
    /** One that was given back meanwhile may have been granted before. */
    waitsForSlot: ({ context }) => context.slot === 'wanted' && context.ports.slot.isHeld,
    /** Each is for one run: when that has ended, or none is to begin, others have their turn. */
    slotIsSpare: ({ context: { slot, queue, run, leaving, draining } }) =>
      slot === 'used'
        ? run === null
        : slot !== 'none' && (queue.length === 0 || leaving || draining),
    roomIsWanted: ({ context }) => context.ports.roomIsWanted(),
    crashedTooOften: ({ context }) => context.crashes.length >= context.crashesMax,
    isLeaving: ({ context }) => context.leaving || context.draining,
    isOutdated: ({ context }) => context.outdated,
    isDraining: ({ context }) => context.draining,
    delegates: ({ event }) => event.type === 'claude.turnEnded' && event.isDelegating,
    /** The CLI takes a turn's own questions back before it ends: what is still open is a subagent's. */
    subagentAsks: ({ context, event }) =>
      event.type === 'claude.turnEnded' &&
      event.isDelegating &&
      event.how === 'done' &&
      context.asking.length > 0,
    noRunIsOpen: ({ context }) => context.run === null,
    namesQueued: ({ context, event }) =>
      (event.type === 'user.abort' || event.type === 'user.hurry') &&
      context.queue.includes(event.runId),
    namesRun: ({ context, event }) =>
      (event.type === 'user.abort' || event.type === 'budget.spent') && event.runId === context.run,
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
    /** A conversation that goes forgets its crashes. */
    dormancy: ({ context: { crashes, dormantMs, crashWindowMs } }) =>
      crashes.length === 0 ? dormantMs : Math.max(dormantMs, crashWindowMs),
    crashPause: ({ context }) => context.crashPauseMs,
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
    hurryQueued: enqueueActions(({ enqueue, context, event }) => {
      if (event.type !== 'user.hurry') return;
      const others = context.queue.filter((runId) => runId !== event.runId);
      enqueue.assign({ queue: [event.runId, ...others] });
      enqueue(tellPending);
    }),
    /** The first waiting prompt becomes the run. */
    startPromptedRun: enqueueActions(({ enqueue, context }) => {
      const [runId, ...queue] = context.queue;
      if (runId === undefined) return;
      enqueue.assign({ queue, run: runId, slot: 'used' });
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
        ports.slot.take();
        ports.startRun(runId, run ?? blockedRun);
        if (event.type === 'user.prompt') ports.denyWith(runId, asking);
      });
      enqueue.assign({
        run: runId,
        slot: 'used',
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
    endRunBlocked: enqueueActions(({ enqueue, context, event }) => {
      const { run, asking } = context;
      if (run === null) return;
      const usage = 'usage' in event ? event.usage : null;
      enqueue(({ context: { ports } }) =>
        ports.endRun(run, { how: 'blocked', requestIds: asking, usage }),
      );
      enqueue.assign({ run: null, blockedRun: run });
    }),
    /** A question that nothing answered any more ends as well, in a run that goes on from it. */
    endRun: enqueueActions(({ enqueue, context, event }) => {
      const { run, blockedRun, ports } = context;
      const open = run ?? (blockedRun === null ? null : ports.newRunId());
      enqueue.assign({ asking: [], run: null, blockedRun: null });
      if (event.type === 'claude.turnEnded' && event.how === 'done')
        enqueue.assign({ crashes: [] });
      if (open === null) return;
      enqueue(() => {
        if (run === null) ports.startRun(open, blockedRun);
        ports.endRun(open, endOf(context, event));
      });
    }),
    /** An abort stopped the subagents that spoke in it. */
    cancelRun: enqueueActions(({ enqueue, context: { run, ports } }) => {
      enqueue.assign({ asking: [], run: null, blockedRun: null });
      if (run !== null) enqueue(() => ports.endRun(run, { how: 'cancelled', usage: null }));
    }),
    /** The process never became ready: the prompt that needed it fails, the ones behind it try again. */
    failFirstPrompt: enqueueActions(({ enqueue, context, event }) => {
      const [runId, ...queue] = context.queue;
      if (runId === undefined) return;
      enqueue.assign({ queue, slot: 'used' });
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
    failWaiting: enqueueActions(({ enqueue, context: { queue } }) => {
      enqueue.assign({ queue: [] });
      enqueue(({ context: { ports } }) => {
        for (const runId of queue) {
          ports.startRun(runId, null);
          ports.endRun(runId, { how: 'failed', fault: 'claude.crashLoop', usage: null });
        }
      });
      enqueue(tellPending);
    }),
    countCrash: assign({
      crashes: ({ context, event }) => {
        const { crashes, crashWindowMs, fault, ports } = context;
        const isCrash =
          (event.type === 'claude.exited' && event.fault !== null) ||
          fault === 'claude.startTimeout';
        if (!isCrash) return crashes;
        const now = ports.now();
        return [...crashes.filter((at) => now - at < crashWindowMs), now];
      },
    }),
    /** One more may be tried; if it crashes as well, the pause begins again. */
    forgiveCrash: assign({ crashes: ({ context }) => context.crashes.slice(1) }),
    wantSlot: enqueueActions(({ enqueue }) => {
      enqueue.assign({ slot: 'wanted' });
      enqueue(({ context: { ports } }) => ports.slot.want());
    }),
    noteSlot: assign({ slot: 'granted' }),
    releaseSlot: enqueueActions(({ enqueue }) => {
      enqueue.assign({ slot: 'none' });
      enqueue(({ context: { ports } }) => ports.slot.release());
    }),
    notePid: assign({
      pid: ({ event }) => (event.type === 'claude.spawned' ? event.pid : null),
    }),
    forgetPid: assign({ pid: null }),
    listen: ({ context }) => context.ports.listen(),
    countDeltas: assign({
      deltas: ({ context, event }) => ('deltas' in event ? event.deltas : context.deltas),
    }),
    spend: ({ context: { ports, run }, event }) => {
      if (event.type === 'claude.progress' && run !== null) ports.spend(run, event.tokens);
    },
    interrupt: sendTo('claude', { type: 'claude.interrupt' }),
    stop: sendTo('claude', { type: 'claude.stop' }),
    blameLateStart: assign({ fault: 'claude.startTimeout' }),
    blameBudget: assign({ fault: 'limits.tokens' }),
    blameStall: assign({ fault: 'claude.stalled' }),
    blameQuestions: assign({ fault: 'approval.tooMany' }),
    blameStore: assign({ fault: 'store.unavailable', leaving: true }),
    beginAnew: assign({ fault: null, asking: [], outdated: false }),
    clearFault: assign({ fault: null }),
    outdate: assign({ outdated: true }),
    drain: assign({ draining: true }),
    leave: assign({ leaving: true }),
  },
});

function tellPending({ context }: { context: ConversationContext }): void {
  context.ports.pendingChanged(context.queue);
}
