/** What a server would say, in short: events as they come over the wire, for the store to fold. */
import type {
  AguiEvent,
  LimitViews,
  Message,
  Offers,
  ServerFrame,
} from '../../transport/protocol.ts';
import type { Welcome } from '../chat/chat-view.ts';

export const THREAD = 'thread-1';
export const LONG_WORD = 'a_name_without_any_place_to_break_it_'.repeat(6);

/** A picture without a server. */
export const PICTURE =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" width="320" height="200"%3E%3Crect width="320" height="200" fill="%236ecb9d"/%3E%3Ccircle cx="220" cy="80" r="40" fill="%23faf9f5"/%3E%3C/svg%3E';

export function hoursFromNow(hours: number): number {
  return Date.now() + hours * 3_600_000;
}

let lastId = 0;
/** A new id, for what needs one and is never named again. */
export function newId(): string {
  lastId += 1;
  return `x${lastId}`;
}

export function user(content: Message['content']): Message {
  return { id: newId(), role: 'user', content } as Message;
}

/** A run that has begun with a prompt, and goes on with `events`. */
export function begun(prompt: string | Message, ...events: AguiEvent[]): AguiEvent[] {
  const runId = newId();
  const messages = [typeof prompt === 'string' ? user(prompt) : prompt];
  const input = { threadId: THREAD, runId, messages, tools: [], context: [] };
  return [{ type: 'RUN_STARTED', threadId: THREAD, runId, input }, ...events];
}

/** A run that has begun and ended well. */
export function turn(prompt: string | Message, ...events: AguiEvent[]): AguiEvent[] {
  return [...begun(prompt, ...events), ended({ outcome: { type: 'success' } })];
}

/** The end of whichever run is live. */
export function ended(how: Partial<Extract<AguiEvent, { type: 'RUN_FINISHED' }>>): AguiEvent {
  return { type: 'RUN_FINISHED', threadId: THREAD, runId: '', ...how };
}

export function failed(code: string, message: string): AguiEvent {
  return { type: 'RUN_ERROR', code, message };
}

export function custom(name: string, value: unknown): AguiEvent {
  return { type: 'CUSTOM', name, value };
}

/** So long ago by the server's clock, as far as events say when they were: those that are no deltas. */
export function ago(seconds: number, events: readonly AguiEvent[]): AguiEvent[] {
  const timestamp = Date.now() - seconds * 1_000;
  return events.map((event) => ('delta' in event ? event : { ...event, timestamp }));
}

export function text(delta: string, open = false): AguiEvent[] {
  const messageId = newId();
  const end: AguiEvent[] = open ? [] : [{ type: 'TEXT_MESSAGE_END', messageId }];
  return [
    { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
    ...end,
  ];
}

export function thinking(delta: string, open = false): AguiEvent[] {
  const messageId = newId();
  const end: AguiEvent[] = open ? [] : [{ type: 'REASONING_MESSAGE_END', messageId }];
  return [
    { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
    { type: 'REASONING_MESSAGE_CONTENT', messageId, delta },
    ...end,
  ];
}

interface CallEnd {
  id?: string;
  result?: string;
  isError?: boolean;
  /** The subagent that called it. */
  lane?: string;
  /** UTF-16 units of the whole result, where only its beginning is here. */
  fullLength?: number;
}

/** A tool call; without a result it still runs. */
export function tool(toolCallName: string, input: unknown, end: CallEnd = {}): AguiEvent[] {
  const { id: toolCallId = newId(), result, isError, lane, fullLength } = end;
  const of = lane === undefined ? {} : { subagentRunId: lane };
  const metadata = {
    ...(isError && { isError }),
    ...(fullLength && { truncated: true, length: fullLength }),
  };
  const told: AguiEvent[] =
    result === undefined
      ? []
      : [
          {
            type: 'TOOL_CALL_RESULT',
            messageId: `r:${toolCallId}`,
            toolCallId,
            content: result,
            metadata,
          },
        ];
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName, ...of },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) },
    { type: 'TOOL_CALL_END', toolCallId },
    ...told,
  ];
}

/** Calls that wait for a person's word; they end the run. */
export function asking(...calls: [toolName: string, input: unknown][]): AguiEvent[] {
  const asked = calls.map(([toolName, input]) => ({ toolName, input, id: newId() }));
  const interrupts = asked.map(({ toolName, input, id }) => ({
    id: `i${id}`,
    reason: 'approval_required',
    toolCallId: id,
    metadata: { kind: 'approval', toolName, input },
  }));
  return [
    ...asked.flatMap(({ toolName, input, id }) => tool(toolName, input, { id })),
    ended({ outcome: { type: 'interrupt', interrupts } }),
  ];
}

/** Frames of the journal, as the socket brings them; an end is that of the run that is live there. */
export function kept(events: readonly AguiEvent[]): ServerFrame[] {
  let runId = '';
  return events.map((event) => {
    if (event.type === 'RUN_STARTED') runId = event.runId;
    const chunk = event.type === 'RUN_FINISHED' ? { ...event, runId } : event;
    return { id: newId(), chunk };
  });
}

export function limits(change: Partial<LimitViews> = {}): LimitViews {
  const resetAt = hoursFromNow(5);
  return {
    hour: { used: 12, max: 60, resetAt: hoursFromNow(0.6) },
    day: { used: 41, max: 500, resetAt },
    tokens: { used: 212_000, max: 1_000_000, resetAt },
    runs: { used: 1, max: 4, resetAt: null },
    ...change,
  };
}

/** What an operator may let people choose. */
export const OFFERS: Offers = {
  models: [
    { id: 'opus', name: 'Opus 5.5', efforts: ['low', 'medium', 'high'] },
    { id: 'haiku', name: 'Haiku 4.5', efforts: [] },
  ],
  commands: [
    { name: 'compact', description: 'Summarise what was said so far', argumentHint: '[focus]' },
    { name: 'review', description: 'Review the changes', argumentHint: '' },
  ],
  images: { types: ['image/png', 'image/jpeg'], maxBytes: 1024 * 1024, maxPerPrompt: 3 },
  repositories: false,
};

export function welcome(change: Partial<Welcome> = {}): Welcome {
  return {
    type: 'welcome',
    protocol: 1,
    version: '0.1.0',
    user: 'ada',
    operator: true,
    threadId: THREAD,
    head: null,
    limits: limits(),
    agent: { kind: 'claude', model: 'opus', version: '2.1.330', notice: null },
    now: Date.now(),
    sandbox: 'bwrap',
    maxPromptBytes: 32_768,
    offers: OFFERS,
    ...change,
  };
}
