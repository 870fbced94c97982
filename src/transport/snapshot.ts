/** A conversation as messages: what a client gets that has no cursor, or one that is not valid here. */
import { encodeCursor, type Position, type Row } from '../store/store.ts';
import type { AguiEvent, DirectFrame, Message } from './protocol.ts';

const MESSAGES_MAX = 50;
const BYTES_MAX = 256 * 1024;

export interface Snapshot {
  /** The frames after this row are not in the messages. */
  readonly head: Position | null;
  readonly frame: Extract<DirectFrame, { type: 'reset' }>;
}

/**
 * Folds the runs before the last one into messages; the last one, with the runs it goes on from, follows as
 * frames, so that its outcome and what it waits for are told the same way to all.
 */
export function snapshotOf(rows: readonly Row[]): Snapshot {
  const events = rows.map((row) => JSON.parse(row.chunk) as AguiEvent);
  const end = startOfLastTurn(events);
  const head = rows[end - 1] ?? null;
  const folded = new MessageFold();
  for (const [i, event] of events.slice(0, end).entries()) folded.add(event, i);
  const { messages, firstAt } = folded.newest();
  const cut = firstAt > 0 ? rows[Math.min(firstAt, end) - 1] : undefined;
  const before = cut === undefined ? null : encodeCursor(cut);
  return { head, frame: { type: 'reset', head: head && encodeCursor(head), messages, before } };
}

function startOfLastTurn(events: readonly AguiEvent[]): number {
  let wanted: string | undefined;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event?.type !== 'RUN_STARTED' || (wanted !== undefined && event.runId !== wanted)) continue;
    if (event.parentRunId === undefined) return i;
    wanted = event.parentRunId;
  }
  return 0;
}

class MessageFold {
  readonly #messages = new Map<string, { message: Message; at: number }>();
  readonly #toolCalls = new Map<string, { function: { arguments: string } }>();

  add(event: AguiEvent, at: number): void {
    switch (event.type) {
      case 'RUN_STARTED':
        for (const message of event.input?.messages ?? []) this.#put(message, at);
        break;
      case 'TEXT_MESSAGE_START':
        this.#put({ id: event.messageId, role: 'assistant', content: '' }, at);
        break;
      case 'REASONING_MESSAGE_START':
        this.#put({ id: event.messageId, role: 'reasoning', content: '' }, at);
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
        this.#put({ id: parentMessageId, role: 'assistant', toolCalls: [call] }, at);
        break;
      }
      case 'TOOL_CALL_ARGS': {
        const call = this.#toolCalls.get(event.toolCallId);
        if (call) call.function.arguments += event.delta;
        break;
      }
      case 'TOOL_CALL_RESULT': {
        const { messageId: id, toolCallId, content, metadata } = event;
        this.#put({ id, role: 'tool', toolCallId, content, ...(metadata && { metadata }) }, at);
        break;
      }
      case 'CUSTOM':
        if (event.name === 'withdrawn')
          for (const id of event.value.messageIds) this.#messages.delete(id);
    }
  }

  /** The last messages within the bounds, and the row the first of them began at. */
  newest(): { messages: Message[]; firstAt: number } {
    const all = [...this.#messages.values()];
    let bytes = 0;
    let from = all.length;
    while (from > 0 && all.length - from < MESSAGES_MAX) {
      bytes += Buffer.byteLength(JSON.stringify(all[from - 1]?.message));
      if (bytes > BYTES_MAX) break;
      from -= 1;
    }
    return {
      messages: all.slice(from).map(({ message }) => message),
      firstAt: from === 0 ? 0 : (all[from]?.at ?? Number.POSITIVE_INFINITY),
    };
  }

  #put(message: Message, at: number): void {
    if (!this.#messages.has(message.id)) this.#messages.set(message.id, { message, at });
  }

  #append(id: string, delta: string): void {
    const message = this.#messages.get(id)?.message;
    if (message && typeof message.content === 'string') message.content += delta;
  }
}
