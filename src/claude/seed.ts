/**
 * What was said so far, as text before the first prompt of a session that knows nothing of it. One JSON object a
 * line: no text can be taken for another message, whatever it holds.
 */
import type { Message } from '../transport/protocol.ts';
import type { MessagePage } from '../transport/views.ts';

export interface SaidBounds {
  readonly messagesMax: number;
  /** Of JSON, UTF-8. */
  readonly bytesMax: number;
  readonly atLeastOne: boolean;
}

/** About 25,000 tokens; what was said before is left out, and Claude is told so. */
const SAID: SaidBounds = { messagesMax: 400, bytesMax: 96 * 1024, atLeastOne: false };
/** Of a tool's input and of its result, UTF-16 units: what it was used for, not all it gave. */
const TOOL_UNITS_MAX = 2_000;

/** Null where nothing was said. */
export async function seedOf(
  said: (bounds: SaidBounds) => Promise<MessagePage>,
): Promise<string | null> {
  const { messages, before } = await said(SAID);
  const lines = messages.flatMap(lineOf).map((line) => JSON.stringify(line));
  if (lines.length === 0) return null;
  const cut = before === null ? '' : ' Its beginning is left out.';
  return [
    `This conversation goes on from an earlier one.${cut} What was said in it, one JSON object a line, oldest first:`,
    ...lines,
    'The next message goes on from there.',
  ].join('\n');
}

function lineOf(message: Message): Record<string, unknown>[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.content }];
    case 'assistant':
      return [
        ...(message.content ? [{ role: 'assistant', content: message.content }] : []),
        ...(message.toolCalls ?? []).map(({ function: { name, arguments: input } }) => ({
          role: 'assistant',
          used: name,
          input: shortened(input),
        })),
      ];
    case 'tool':
      return [{ role: 'tool', result: shortened(String(message.content)) }];
    default:
      return []; // what it thought is not said
  }
}

function shortened(text: string): string {
  return text.length <= TOOL_UNITS_MAX ? text : `${text.slice(0, TOOL_UNITS_MAX).toWellFormed()}…`;
}
