import type { FaultCode } from '../faults.ts';

/** What a `reply` with a fault means to the person who pressed Enter. The code is the contract, this is not. */
const WORDS: Partial<Record<FaultCode, string>> = {
  'prompt.tooLarge': 'The prompt is too long. Please shorten it.',
  'prompt.empty': 'There is no text in the prompt.',
  'prompt.unsupported': 'Only text can be sent so far.',
  'prompt.badCharacter': 'The prompt holds a NUL character. Please remove it.',
  'queue.full': 'Too many prompts are waiting in this conversation already.',
  'choice.refused': 'That cannot be chosen here, or not any more.',
  'repository.unknown': 'There is no such repository, or this server may not read it.',
  'repository.failed':
    'The repository could not be cloned: it is too large, the forge does not answer, or a folder of that name is in the way.',
  'run.idReused': 'That message could not be sent twice. Please send it again.',
  'run.unknown': 'That run has ended already.',
  'conversation.unknown': 'There is no such conversation.',
  'conversation.failed': 'This conversation stopped. Send again to go on.',
  'approval.answered': 'That request was answered already.',
  throttled: 'A usage limit is reached.',
  'store.unavailable': 'The store cannot be reached just now. Please try again.',
  'store.full': 'The server’s disk is full, so nothing new can be sent just now.',
  'server.restarting': 'The server is restarting. Please send again in a moment.',
};

/** The sentence for a fault code; names the code where there is none, so that it can be looked up. */
export function faultWords(code: string): string {
  return WORDS[code as FaultCode] ?? `The server refused that (${code}).`;
}
