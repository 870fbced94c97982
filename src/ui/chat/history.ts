import type { Message } from '../../transport/protocol.ts';
import type { EndNote } from '../../transport/views.ts';
import {
  contentText,
  emptyRun,
  fullLengthIn,
  type Item,
  type Lane,
  type Run,
  type ToolItem,
  userItem,
} from './thread.ts';
import { laneWords } from './tool-summary.ts';

/** Finished messages as items, each tool's result folded into its call. */
export function itemsOf(messages: readonly Message[]): Item[] {
  const items: Item[] = [];
  for (const message of messages) {
    const part = { id: message.id, lane: laneIn(message) };
    if (message.role === 'user') {
      items.push(userItem(message, runOf(message)));
    } else if (message.role === 'reasoning') {
      items.push({
        ...part,
        ...durationIn(message),
        kind: 'thinking',
        text: message.content,
        open: false,
      });
    } else if (message.role === 'assistant') {
      if (message.content)
        items.push({ ...part, kind: 'text', text: message.content, open: false });
      for (const call of message.toolCalls ?? [])
        items.push({
          kind: 'tool',
          id: call.id,
          lane: part.lane,
          name: call.function.name,
          parentId: message.id,
          args: call.function.arguments,
          result: null,
          fullLength: null,
          denied: null,
          state: 'ended',
        });
    } else if (message.role === 'tool') {
      const index = items.findLastIndex(({ id }) => id === message.toolCallId);
      const call = items[index];
      if (call?.kind !== 'tool') continue;
      const failed = message.error !== undefined || message.metadata?.isError === true;
      const result = contentText(message.content) || (message.error ?? '');
      const fullLength = fullLengthIn(message.metadata);
      items[index] = { ...call, result, fullLength, state: failed ? 'failed' : 'done' };
    }
  }
  return items;
}

function durationIn({ metadata }: Message): { durationMs?: number } {
  return typeof metadata?.durationMs === 'number' ? { durationMs: metadata.durationMs } : {};
}

/** Messages as finished runs, one from each user message to the next. */
export function runsOf(messages: readonly Message[]): Run[] {
  const runs: Run[] = [];
  for (const item of itemsOf(messages)) {
    const last = runs.at(-1);
    if (last && item.kind !== 'user')
      runs[runs.length - 1] = { ...last, items: [...last.items, item] };
    else runs.push({ ...emptyRun(`history:${item.id}`, null), items: [item], state: 'done' });
  }
  return withEnds(runs, messages).map((run) => ({ ...run, lanes: lanesIn(run.items) }));
}

/** Long ago, all that is known of a subagent is the call that began it. */
function lanesIn(items: readonly Item[]): Lane[] {
  const ids = new Set(items.flatMap(({ lane }) => lane ?? []));
  return [...ids].map((id) => {
    const call = items.find((item) => item.kind === 'tool' && item.id === id) as
      | ToolItem
      | undefined;
    const state = call?.state === 'failed' ? 'failed' : 'done';
    return { id, ...laneWords(call?.args ?? ''), state };
  });
}

function laneIn(message: Message): string | null {
  return 'subagentRunId' in message ? (message.subagentRunId ?? null) : null;
}

/** How those ended that did not succeed: the last message of each tells. */
function withEnds(runs: Run[], messages: readonly Message[]): Run[] {
  let at = -1;
  for (const { role, metadata } of messages) {
    if (role === 'user' || at < 0) at += 1;
    const ended = metadata?.ended as EndNote | undefined;
    const run = runs[at];
    if (!ended || !run) continue;
    const { how, code = 'unknown', message = '' } = ended;
    runs[at] =
      how === 'cancelled'
        ? { ...run, state: 'stopped' }
        : { ...run, state: 'failed', error: { code, message } };
  }
  return runs;
}

function runOf({ metadata }: Message): string | null {
  return typeof metadata?.runId === 'string' ? metadata.runId : null;
}
