import type { AguiEvent } from '../../transport/protocol.ts';
import { ancestors, settleAsks } from './asks.ts';
import { change, changeTool, ensure } from './change.ts';
import { itemsOf, runsOf } from './history.ts';
import { endLane, startLane } from './lanes.ts';
import { foldNotice } from './notices.ts';
import {
  contentText,
  type EventOf,
  emptyRun,
  fullLengthIn,
  type Item,
  liveRun,
  type Run,
  type Thread,
  userItem,
} from './thread.ts';
import { usageIn } from './usage.ts';

/**
 * Takes one AG-UI event into the thread. Knows no cursors: the caller drops what it has applied before.
 * Events it does not know, and those that fit nowhere, change nothing. Never throws on a well-formed event.
 * @param at Epoch ms, by the server's clock, at which the event arrived; used where the event carries no time.
 */
export function fold(thread: Thread, event: AguiEvent, at: number): void {
  foldEvent(thread, event, at);
  const run = thread.runs.at(-1);
  if (run && event.timestamp !== undefined)
    thread.runs[thread.runs.length - 1] = { ...run, movedAt: event.timestamp };
}

function foldEvent(thread: Thread, event: AguiEvent, at: number): void {
  switch (event.type) {
    case 'RUN_STARTED':
      return startRun(thread, event);
    case 'RUN_FINISHED':
      return finishRun(thread, event);
    case 'RUN_ERROR':
      return failRun(thread, event);
    case 'TEXT_MESSAGE_START':
      return ensure(thread, event.messageId, () => ({
        ...part(event.messageId, event),
        kind: 'text',
        text: '',
        open: true,
        ...startIn(event),
      }));
    case 'TEXT_MESSAGE_CONTENT':
      return change(thread, event.messageId, (item) =>
        item.kind === 'text' ? { ...item, text: item.text + event.delta } : item,
      );
    case 'REASONING_START':
    case 'REASONING_MESSAGE_START':
      return ensure(thread, event.messageId, () => ({
        ...part(event.messageId, event),
        kind: 'thinking',
        text: '',
        open: true,
        ...startIn(event),
      }));
    case 'REASONING_MESSAGE_CONTENT':
      return change(thread, event.messageId, (item) =>
        item.kind === 'thinking' ? { ...item, text: item.text + event.delta } : item,
      );
    case 'TEXT_MESSAGE_END':
    case 'REASONING_MESSAGE_END':
    case 'REASONING_END':
      return change(thread, event.messageId, (item) => endPart(item, event.timestamp));
    case 'TOOL_CALL_START':
      return ensure(thread, event.toolCallId, () => ({
        ...part(event.toolCallId, event),
        kind: 'tool',
        name: event.toolCallName,
        parentId: event.parentMessageId ?? null,
        args: '',
        result: null,
        fullLength: null,
        denied: null,
        state: 'writing',
        ...startIn(event),
      }));
    case 'TOOL_CALL_ARGS':
      return changeTool(thread, event.toolCallId, (tool) => ({
        ...tool,
        args: tool.args + event.delta,
      }));
    case 'TOOL_CALL_END':
      return changeTool(thread, event.toolCallId, (tool) =>
        tool.state === 'writing'
          ? { ...tool, state: 'running', ...(event.timestamp && { runningSince: event.timestamp }) }
          : tool,
      );
    case 'TOOL_CALL_RESULT':
      settleAsks(thread, ({ toolCallId }) => toolCallId === event.toolCallId);
      return changeTool(thread, event.toolCallId, (tool) => ({
        ...tool,
        result: contentText(event.content),
        fullLength: fullLengthIn(event.metadata),
        state: event.metadata?.isError === true ? 'failed' : 'done',
      }));
    case 'SUBAGENT_STARTED':
      return startLane(thread, event);
    case 'SUBAGENT_FINISHED':
      // One that is suspended goes on, in the next run.
      if (event.outcome?.type === 'suspended') return;
      return endLane(thread, event.subagentRunId, 'done');
    case 'SUBAGENT_ERROR':
      return endLane(thread, event.subagentRunId, 'failed');
    case 'CUSTOM':
      return foldNotice(thread, event.name, event.value, event.timestamp ?? at);
    case 'MESSAGES_SNAPSHOT':
      return takeSnapshot(thread, event);
  }
}

function part(id: string, event: { subagentRunId?: string }): { id: string; lane: string | null } {
  return { id, lane: event.subagentRunId ?? null };
}

function startIn({ timestamp }: { timestamp?: number | undefined }): { startedAt?: number } {
  return timestamp === undefined ? {} : { startedAt: timestamp };
}

function endPart(item: Item, at: number | undefined): Item {
  if (!('open' in item) || !item.open) return item;
  const closed = { ...item, open: false };
  return closed.kind === 'thinking' && closed.startedAt !== undefined && at !== undefined
    ? { ...closed, durationMs: Math.max(0, at - closed.startedAt) }
    : closed;
}

function startRun(thread: Thread, event: EventOf<'RUN_STARTED'>): void {
  if (thread.runs.some(({ id }) => id === event.runId)) return;
  const before = liveRun(thread.runs);
  if (before) thread.runs[thread.runs.length - 1] = close(before, 'done');
  const prompts = (event.input?.messages ?? []).filter(({ role }) => role === 'user');
  const resume = event.input?.resume ?? [];
  // A prompt while an approval is pending answers it too: the server denies it with that text.
  if (prompts.length > 0) settleAsks(thread, () => true);
  const named = new Set(resume.map(({ interruptId }) => interruptId));
  settleAsks(thread, ({ id }) => named.has(id), resume);
  const run: Run = {
    ...emptyRun(event.runId, event.parentRunId ?? null, event.timestamp),
    outputTokens: thread.runs.findLast(({ id }) => id === event.parentRunId)?.outputTokens ?? null,
    items: prompts.map((message) => userItem(message, event.runId)),
  };
  for (const { run: parent, index } of ancestors(thread, run))
    thread.runs[index] = { ...parent, items: parent.items.map(reopenTool) };
  thread.runs.push(run);
}

function finishRun(thread: Thread, event: EventOf<'RUN_FINISHED'>): void {
  const index = thread.runs.findLastIndex(({ id }) => id === event.runId);
  const run = thread.runs[index];
  if (run?.state !== 'live') return;
  const outcome = event.outcome ?? { type: 'success' };
  if (outcome.type !== 'interrupt') {
    const ended = close(run, outcome.type === 'cancelled' ? 'stopped' : 'done');
    thread.runs[index] = { ...ended, usage: usageIn(event) };
    endAncestors(thread, run);
    return;
  }
  // An interrupt lists all that is open: what an earlier one listed is decided, or asked again here.
  settleAsks(thread, () => true);
  const asked = new Set(outcome.interrupts.map(({ toolCallId }) => toolCallId));
  const items = run.items.map((item) => {
    if (item.kind !== 'tool') return closeItem(item);
    return asked.has(item.id) ? { ...item, state: 'asking' as const } : item;
  });
  thread.runs[index] = { ...run, items, state: 'asking', asks: outcome.interrupts };
}

function failRun(thread: Thread, event: EventOf<'RUN_ERROR'>): void {
  const run = liveRun(thread.runs);
  if (!run) return;
  const error = { code: event.code ?? 'unknown', message: event.message };
  thread.runs[thread.runs.length - 1] = { ...close(run, 'failed'), error, usage: usageIn(event) };
  endAncestors(thread, run);
}

function close(run: Run, state: Run['state']): Run {
  return { ...run, state, items: run.items.map(closeItem), retry: null, isCompacting: false };
}

function closeItem(item: Item): Item {
  if (item.kind === 'tool')
    return item.result === null && item.state !== 'ended' ? { ...item, state: 'ended' } : item;
  return 'open' in item && item.open ? { ...item, open: false } : item;
}

function reopenTool(item: Item): Item {
  return item.kind === 'tool' && item.state === 'ended' ? { ...item, state: 'running' } : item;
}

/** A tool that waited for approval belongs to the interrupted run, but ends with the run that went on. */
function endAncestors(thread: Thread, run: Run): void {
  const parents = ancestors(thread, run);
  settleAsks(thread, (_, asking) => parents.some(({ run: parent }) => parent.id === asking.id));
  for (const { run: parent, index } of ancestors(thread, run))
    thread.runs[index] = close(parent, parent.state);
}

/**
 * Inside a run the snapshot says what is left of that run: what it does not list was withdrawn, what it
 * lists differently is corrected. Between runs it replaces everything.
 */
function takeSnapshot(thread: Thread, event: EventOf<'MESSAGES_SNAPSHOT'>): void {
  const run = liveRun(thread.runs);
  if (!run) {
    thread.runs.splice(0, Infinity, ...runsOf(event.messages));
    return;
  }
  const listed = new Map(itemsOf(event.messages).map((item) => [item.id, item]));
  const items = run.items.flatMap((item): Item[] => {
    const now = listed.get(item.id);
    if (item.kind === 'user' || item.kind === 'note') return [item];
    if (item.kind === 'tool') return now || item.parentId === null ? [item] : [];
    return now && 'text' in now ? [{ ...item, text: now.text }] : [];
  });
  thread.runs[thread.runs.length - 1] = { ...run, items };
}
