/** What clients of the replaced server send, as the RunAgentInput it stands for. */
import { randomBytes, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { FaultError } from '../../faults.ts';
import { CLIENT_ID } from '../../store/store.ts';
import { parseShallow, Wellformed } from '../decode.ts';
import type { ClientFrame, RunInput } from '../protocol.ts';

/** Where none is given it is null or '' as well. */
const ConversationId = v.optional(
  v.nullable(v.union([v.literal(''), v.pipe(v.string(), v.regex(CLIENT_ID))])),
);

const Fields = v.object({ message: Wellformed, conversation_id: ConversationId });

/** As the replaced server made them: 12 hex digits. */
export function newConversationId(): string {
  return randomBytes(6).toString('hex');
}

/**
 * One text frame. Kinds other than `chat_request` mean nothing, as they did to the replaced server.
 * @param conversationId Where the frame names none; null: a new one.
 * @throws {FaultError} `frame.malformed`, with what was wrong; `prompt.tooLarge`.
 */
export function decodeChatFrame(
  text: string,
  conversationId: string | null,
  maxPromptBytes: number,
): ClientFrame {
  const value = parseShallow(text);
  const isRequest = typeof value === 'object' && value !== null && 'type' in value;
  if (!isRequest) throw new FaultError('frame.malformed', 'it has no type');
  if (value.type !== 'chat_request') return { type: 'pong' };
  return requestOf(value, conversationId, maxPromptBytes, 'frame.malformed');
}

/** @throws {FaultError} `malformed`, with the field that was wrong; `prompt.tooLarge`. */
export function requestOf(
  fields: unknown,
  conversationId: string | null,
  maxPromptBytes: number,
  malformed: 'frame.malformed' | 'request.malformed',
): RunInput {
  const result = v.safeParse(Fields, fields);
  if (!result.success)
    throw new FaultError(malformed, v.getDotPath(result.issues[0]) ?? 'it is no object');
  const { message, conversation_id: named } = result.output;
  // Before it waits behind others.
  if (Buffer.byteLength(message) > maxPromptBytes)
    throw new FaultError('prompt.tooLarge', `${maxPromptBytes} bytes at most`);
  const threadId = named || conversationId || newConversationId();
  if (!CLIENT_ID.test(threadId)) throw new FaultError(malformed, 'conversation_id');
  const runId = randomUUID();
  return { threadId, runId, messages: [{ id: `${runId}-user`, role: 'user', content: message }] };
}
