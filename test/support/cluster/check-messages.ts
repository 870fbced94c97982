/** Whether what a fresh client is told as messages is what the journal says, up to where its frames begin. */
import type { AguiEvent, Message } from '../../../src/transport/protocol.ts';
import type { Finding, Seen } from './account.ts';

export function checkMessages(
  where: string,
  messages: readonly Message[],
  before: readonly Seen[],
): Finding[] {
  const told = messages.flatMap(wordsIn).join('');
  const said = wordsOf(before).join('');
  // The earliest may be left out: at most 50 come at once.
  const isWhole = messages.length < 50;
  if (isWhole ? said === told : said.endsWith(told)) return [];
  return [{ rule: 'differs', where, text: `messages say ${told}, the journal ${said}` }];
}

/** What users and Claude said, one after the other. */
function wordsOf(journal: readonly Seen[]): string[] {
  return journal.flatMap(({ chunk }) => {
    const event = JSON.parse(chunk) as AguiEvent;
    if (event.type === 'TEXT_MESSAGE_CONTENT') return [event.delta];
    if (event.type !== 'RUN_STARTED') return [];
    return (event.input?.messages ?? []).flatMap((message) => wordsIn(message as Message));
  });
}

function wordsIn(message: Message): string[] {
  const isSaid = message.role === 'user' || message.role === 'assistant';
  return isSaid && typeof message.content === 'string' ? [message.content] : [];
}
