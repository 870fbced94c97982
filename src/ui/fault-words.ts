import type { FaultCode } from '../faults.ts';

/** What a `reply` with a fault means to the person who pressed Enter. The code is the contract, this is not. */
const WORDS: Partial<Record<FaultCode, string>> = {
  'auth.edgeSecret':
    'The proxy in front of this server is not set up rightly: they do not agree on their secret.',
  'auth.edgeUser':
    'The proxy in front of this server names another user than the one who is signed in here.',
  'prompt.tooLarge': 'The prompt is too long. Please shorten it.',
  'prompt.empty': 'There is no text in the prompt.',
  'prompt.unsupported': 'Only text and images can be sent.',
  'prompt.badCharacter': 'The prompt holds a NUL character. Please remove it.',
  'prompt.tooManyImages': 'There are too many images in the prompt.',
  'upload.unknown': 'An image is not there any more. Please add it again.',
  'upload.unsupported': 'Only PNG, JPEG, GIF and WebP images can be sent.',
  'upload.tooLarge': 'The image is too large.',
  'upload.tooMany': 'Too many images wait to be sent already.',
  'approval.first': 'Please answer the open question before you send an image.',
  'path.refused': 'That name cannot be used in the workspace.',
  'file.unknown': 'There is no such file or folder any more.',
  'file.notAFile': 'That is not a file that can be opened.',
  'file.tooLarge': 'The file is too large.',
  'file.exists': 'There is something of that name already.',
  'file.quota': 'There is no room for the file in the workspace.',
  'queue.full': 'Too many prompts are waiting in this conversation already.',
  'choice.refused': 'That cannot be chosen here, or not any more.',
  'repository.unknown': 'There is no such repository, or this server may not read it.',
  'repository.failed':
    'The repository could not be cloned: it is too large, the forge does not answer, or a folder of that name is in the way.',
  'run.idReused': 'That message could not be sent twice. Please send it again.',
  'run.unknown': 'That run has ended already.',
  'run.live': 'That message is still being answered.',
  'fork.tooMany': 'There are too many versions of this message already.',
  'conversation.unknown': 'There is no such conversation.',
  'conversation.failed': 'This conversation stopped. Send again to go on.',
  'approval.answered': 'That request was answered already.',
  throttled: 'A usage limit is reached.',
  'limits.tokens': 'Today’s tokens are used up.',
  'client.flooding': 'That was too fast. Please wait a moment and send again.',
  'store.unavailable': 'The store cannot be reached just now. Please try again.',
  'store.full': 'The server’s disk is full, so nothing new can be sent just now.',
  'server.restarting': 'The server is restarting. Please send again in a moment.',
};

/** The sentence for a fault code; names the code where there is none, so that it can be looked up. */
export function faultWords(code: string): string {
  return WORDS[code as FaultCode] ?? `The server refused that (${code}).`;
}
