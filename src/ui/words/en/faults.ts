import type { FaultCode } from '../../../faults.ts';

/** What each fault means to the person it happens to, and what to do next. The code is the contract, this is not. */
const said: Record<FaultCode, string> = {
  'auth.required': 'You are not signed in here any more. Sign in again; nothing is lost.',
  'auth.expired': 'Your sign-in has ended. Sign in again; nothing is lost.',
  'auth.edgeSecret':
    'The proxy in front of this server is not set up rightly: they do not agree on their secret. Tell who runs it.',
  'auth.edgeUser':
    'The proxy in front of this server names another user than the one who is signed in here. Sign out and in again, or tell who runs it.',
  'signIn.unknown': 'That sign-in has ended already.',
  'operator.required': 'Only operators of this server may see that.',
  'actor.unknown': 'There is no such actor any more.',
  'actor.unrecorded': 'Nothing of it was recorded. Record it first.',
  'capsule.unknown': 'There is no such capsule.',
  'session.closed': 'An operator closed this connection. Reconnecting…',
  'origin.refused':
    'This page’s address is not on the server’s list. Open the chat by its usual address, or tell who runs it.',
  'request.malformed': 'The server could not read that request. Reloading the page may help.',
  'frame.malformed': 'The server could not read what this page sent. Reloading the page may help.',
  'prompt.tooLarge': 'The prompt is too long. Please shorten it.',
  'prompt.empty': 'There is no text in the prompt.',
  'prompt.unsupported': 'Only text and images can be sent.',
  'prompt.badCharacter': 'The prompt holds a NUL character. Please remove it.',
  'prompt.tooManyImages': 'There are too many images in the prompt. Please remove some.',
  'queue.full':
    'Too many prompts are waiting in this conversation already. Send it when one of them has begun.',
  'choice.refused': 'That cannot be chosen here, or not any more.',
  'repository.unknown': 'There is no such repository, or this server may not read it.',
  'repository.failed':
    'The repository could not be cloned: it is too large, the forge does not answer, or a folder of that name is in the way.',
  'run.idReused': 'That message could not be sent twice. Please send it again.',
  'run.unknown': 'That run has ended already.',
  'run.live': 'That message is still being answered.',
  'fork.tooMany': 'There are too many versions of this message already.',
  'cursor.unknown': 'This place of the conversation is not known here. Reload the page.',
  'pin.tooMany': 'That many conversations are pinned already. Unpin one first.',
  'conversation.unknown':
    'There is no such conversation: it was deleted, or it belongs to somebody else.',
  'conversation.failed': 'This conversation stopped. Send again to go on.',
  'share.readOnly': 'This conversation can only be read here.',
  'share.unknown': 'This link was withdrawn, has ended, or never led anywhere.',
  'share.tooMany': 'Too many links that do not work were tried. Try again in ten minutes.',
  'upload.unknown': 'An image is not there any more. Please add it again.',
  'upload.unsupported': 'Only PNG, JPEG, GIF and WebP images can be sent.',
  'upload.tooLarge': 'The image is too large.',
  'upload.tooMany': 'Too many images wait to be sent already. Send or remove some.',
  'approval.first': 'Please answer the open question before you send an image.',
  'approval.answered': 'That request was answered already.',
  'approval.malformed': 'The server could not read that answer. Reloading the page may help.',
  'approval.tooMany':
    'Too many questions waited while others needed the room, so this one was given up. Send again to go on.',
  'path.refused': 'That name cannot be used in the workspace.',
  'file.unknown': 'There is no such file or folder any more.',
  'file.notAFile': 'That is not a file that can be opened.',
  'file.tooLarge': 'The file is too large.',
  'file.exists': 'There is something of that name already.',
  'file.quota': 'There is no room for the file in the workspace. Delete what is not needed first.',
  'limits.tokens': 'Today’s tokens are used up. What was said so far is kept.',
  throttled: 'A usage limit is reached.',
  'client.tooSlow': 'The connection fell behind. It catches up by itself.',
  'client.flooding': 'That was too fast. Please wait a moment and send again.',
  'sockets.tooMany':
    'Too many connections are open. Close other tabs of this page, or try again in a moment.',
  'server.restarting': 'The server is restarting. Please send again in a moment.',
  'store.unavailable': 'The store cannot be reached just now. Nothing was lost; please try again.',
  'store.full':
    'The server’s disk is full: what is there can be read, nothing new can be sent. Tell who runs it.',
  'claude.startFailed': 'Claude could not be started. Send again, or tell who runs this server.',
  'claude.startTimeout': 'Claude took too long to start. Send again.',
  'claude.crashed': 'Claude stopped unexpectedly. What it wrote is kept; send again to go on.',
  'claude.stalled':
    'The Claude API stopped answering. What was written is kept; send again to go on.',
  'claude.crashLoop':
    'Claude has stopped three times in this conversation, so it is not started again for a minute. Send again then.',
  'claude.api': 'The Claude API answered with an error. Send again to go on.',
  'claude.failed': 'Claude ended the turn with an error. Send again to go on.',
  interrupted:
    'The server stopped during this answer. What was written is kept; send again to go on.',
};

/** Close codes of a socket that no retry would mend, and that no frame explained. */
const closed: Readonly<Record<number, string>> = {
  1000: 'The server ended the connection.',
  1008: said['run.unknown'],
  1009: 'The message was larger than the server takes.',
  4400: said['frame.malformed'],
  4403: 'You are not allowed to open this conversation.',
  4404: said['conversation.unknown'],
  4413: 'The prompt is too long. It is back in the box below; please shorten it.',
};

export const faults = {
  said,
  /** A code this page does not know: an older page, a newer server. */
  unknown: (code: string) => `The server refused that (${code}).`,
  closed,
  closedWith: (code: number) => `The connection was closed (code ${code}).`,
  barred: 'Something in front of the server lets this page do nothing (403).',
  /** Above the CLI’s own words about an error, which no language of ours covers. */
  inItsWords: 'In the words of the program:',
};
