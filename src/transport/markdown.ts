/** One message as Markdown, for people who read an exported conversation. */
import type { Message } from './protocol.ts';
import type { EndNote } from './views.ts';

export function markdownOf(message: Message): string {
  const body = bodyOf(message);
  const ended = message.metadata?.ended as EndNote | undefined;
  return `${body === '' ? '' : `\n${body}\n`}${ended ? `\n*${wordsOf(ended)}*\n` : ''}`;
}

function bodyOf(message: Message): string {
  switch (message.role) {
    case 'user':
      return `## You${timeOf(message)}\n\n${textOf(message.content)}`;
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(
        ({ function: call }) => `**${call.name}**\n\n${fenced(call.arguments, 'json')}`,
      );
      const text = textOf(message.content);
      return [...(text === '' ? [] : [`## Claude${timeOf(message)}\n\n${text}`]), ...calls].join(
        '\n\n',
      );
    }
    case 'reasoning':
      return textOf(message.content).replace(/^/gm, '> ');
    case 'tool':
      return fenced(textOf(message.content), '');
    default:
      return '';
  }
}

/** Images are named by where they are. */
function textOf(content: unknown): string {
  if (Array.isArray(content))
    return content.map((part: ContentPart) => part.text ?? imageIn(part)).join('\n\n');
  return typeof content === 'string'
    ? content
    : content === undefined
      ? ''
      : JSON.stringify(content);
}

type ContentPart = { type: string; text?: string; source?: { value?: string } };

function imageIn({ type, source }: ContentPart): string {
  return `![${type}](${source?.value ?? ''})`;
}

/** With a fence longer than any that the text holds. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function timeOf({ metadata }: Message): string {
  const at = metadata?.createdAt;
  return typeof at === 'number'
    ? ` · ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : '';
}

function wordsOf({ how, message }: EndNote): string {
  return how === 'cancelled' ? 'Stopped.' : (message ?? 'Failed.');
}
