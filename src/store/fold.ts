/** A stretch of a journal as messages: what is kept of a turn once its frames are no longer needed. */
import type { AguiEvent, Message } from '../transport/protocol.ts';
import type { EndNote } from '../transport/views.ts';
import type { Row } from './store.ts';

export interface FoldedMessage {
  /** The row it began at. */
  readonly seq: number;
  readonly runId: string;
  readonly message: Message;
}

/**
 * @param rows Whole turns: a message may begin in one run and go on in the one that answers its question.
 * @param startedAt When a run was asked for, epoch ms.
 */
export function foldRows(
  rows: Iterable<Row>,
  startedAt: (runId: string) => number,
): FoldedMessage[] {
  const fold = new MessageFold(startedAt);
  for (const row of rows) fold.add(JSON.parse(row.chunk) as AguiEvent, row);
  return fold.messages;
}

/** Whether the turn is over with this chunk: it ends a run, and not with a question. */
export function endsTurn(chunk: string): boolean {
  if (chunk.startsWith('{"type":"RUN_ERROR"')) return true;
  if (!chunk.startsWith('{"type":"RUN_FINISHED"')) return false;
  const { outcome } = JSON.parse(chunk) as { outcome?: { type: string } };
  return outcome?.type !== 'interrupt';
}

/** Takes rows as they come: a long turn need not be in memory as rows and messages at once. */
export class MessageFold {
  readonly #startedAt: (runId: string) => number;
  readonly #folded = new Map<string, FoldedMessage>();
  /** Of thoughts that are not over, epoch ms. */
  readonly #begunAt = new Map<string, number>();
  readonly #toolCalls = new Map<string, { function: { arguments: string } }>();

  constructor(startedAt: (runId: string) => number) {
    this.#startedAt = startedAt;
  }

  get messages(): FoldedMessage[] {
    return [...this.#folded.values()];
  }

  add(event: AguiEvent, row: Row): void {
    switch (event.type) {
      case 'RUN_STARTED':
        for (const message of event.input?.messages ?? []) this.#put(message, row);
        break;
      case 'TEXT_MESSAGE_START':
        this.#put({ id: event.messageId, role: 'assistant', content: '', ...laneOf(event) }, row);
        break;
      case 'REASONING_MESSAGE_START':
        this.#put({ id: event.messageId, role: 'reasoning', content: '', ...laneOf(event) }, row);
        if (event.timestamp !== undefined) this.#begunAt.set(event.messageId, event.timestamp);
        break;
      case 'REASONING_MESSAGE_END':
        this.#ended(event.messageId, event.timestamp);
        break;
      case 'TEXT_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_CONTENT':
        this.#append(event.messageId, event.delta);
        break;
      case 'TOOL_CALL_START': {
        const { toolCallId: id, toolCallName: name, parentMessageId = id } = event;
        const call = { id, type: 'function' as const, function: { name, arguments: '' } };
        if (this.#toolCalls.has(id)) break; // it goes on after a question
        this.#toolCalls.set(id, call);
        this.#put(
          { id: parentMessageId, role: 'assistant', toolCalls: [call], ...laneOf(event) },
          row,
        );
        break;
      }
      case 'TOOL_CALL_ARGS': {
        const call = this.#toolCalls.get(event.toolCallId);
        if (call) call.function.arguments += event.delta;
        break;
      }
      case 'TOOL_CALL_RESULT': {
        const { messageId: id, toolCallId, content, metadata } = event;
        const result = { id, role: 'tool' as const, toolCallId, content };
        this.#put({ ...result, ...(metadata && { metadata }), ...laneOf(event) }, row);
        break;
      }
      case 'CUSTOM':
        if (event.name === 'withdrawn')
          for (const id of event.value.messageIds) this.#folded.delete(id);
        break;
      case 'RUN_ERROR': {
        const { code, message } = event;
        this.#note(row.runId, { how: 'failed', message, ...(code !== undefined && { code }) });
        break;
      }
      case 'RUN_FINISHED':
        if (event.outcome?.type === 'cancelled') this.#note(row.runId, { how: 'cancelled' });
    }
  }

  #put(message: Message, { seq, runId }: Row): void {
    if (this.#folded.has(message.id)) return;
    const metadata = { ...message.metadata, createdAt: this.#startedAt(runId), runId };
    this.#folded.set(message.id, { seq, runId, message: { ...message, metadata } });
  }

  #append(id: string, delta: string): void {
    const message = this.#folded.get(id)?.message;
    if (message && typeof message.content === 'string') message.content += delta;
  }

  /** How long it was thought. Journals from before there were timestamps do not tell. */
  #ended(id: string, at: number | undefined): void {
    const message = this.#folded.get(id)?.message;
    const begunAt = this.#begunAt.get(id);
    this.#begunAt.delete(id);
    if (!message || begunAt === undefined || at === undefined) return;
    message.metadata = { ...message.metadata, durationMs: Math.max(0, at - begunAt) };
  }

  #note(runId: string, ended: EndNote): void {
    const last = this.messages.findLast((folded) => folded.runId === runId)?.message;
    if (last) last.metadata = { ...last.metadata, ended };
  }
}

/** Whose message it is, where it is a subagent's. */
function laneOf({ subagentRunId }: { subagentRunId?: string | undefined }) {
  return subagentRunId === undefined ? {} : { subagentRunId };
}
