/**
 * Every way to fail while working as written. The code is the contract (frames, RUN_ERROR, logs, metrics);
 * the sentence is for people and may change. A bug is not a fault: it throws, and ends its own actor alone.
 *
 * - `close`: the WebSocket close code when this fault ends a socket; null when it does not.
 * - `status`: the HTTP status when it answers a request.
 * - `retry`: what a client may do: nothing, wait, resume the connection, or send the prompt again.
 */
export const FAULTS = {
  'auth.required': fault(4401, 401, 'never', 'Please sign in.'),
  'auth.expired': fault(4401, 401, 'never', 'Your sign-in has ended. Please sign in again.'),
  'auth.edgeSecret': fault(null, 403, 'never', 'The edge sent a wrong X-Forward-Auth-Secret.'),
  'auth.edgeUser': fault(
    4403,
    403,
    'never',
    'The edge named another user than the one who is signed in, or none.',
  ),
  'signIn.unknown': fault(null, 404, 'never', 'There is no such sign-in any more.'),
  'operator.required': fault(4403, 403, 'never', 'Only operators of this server may see that.'),
  'actor.unknown': fault(null, 404, 'never', 'There is no such actor any more.'),
  'actor.unrecorded': fault(null, 409, 'never', 'Nothing of it was recorded. Record it first.'),
  'capsule.unknown': fault(null, 404, 'never', 'There is no such capsule.'),
  'origin.refused': fault(4403, 403, 'never', 'This page’s origin is not allowed to connect.'),
  'request.malformed': fault(null, 400, 'never', 'The server could not read that request.'),
  'frame.malformed': fault(4400, 400, 'never', 'The server could not read that frame.'),
  'prompt.tooLarge': fault(4413, 413, 'never', 'The prompt is too long. Please shorten it.'),
  'prompt.empty': fault(null, 400, 'never', 'There is no text in the prompt.'),
  'prompt.unsupported': fault(null, 400, 'never', 'Only text and images can be sent.'),
  'prompt.badCharacter': fault(null, 400, 'never', 'The prompt holds a NUL character; remove it.'),
  'queue.full': fault(null, 429, 'later', 'Too many prompts wait in this conversation already.'),
  'choice.refused': fault(null, 400, 'never', 'That is not on offer here.'),
  'repository.unknown': fault(
    null,
    404,
    'never',
    'There is no such repository, or this server may not read it.',
  ),
  'repository.failed': fault(
    null,
    502,
    'later',
    'The repository could not be cloned: it is too large, the forge does not answer, or a folder of that name is in the way.',
  ),
  'run.idReused': fault(null, 409, 'never', 'That run id was used for another prompt.'),
  'run.unknown': fault(1008, 404, 'never', 'There is no such run.'),
  'run.live': fault(null, 409, 'later', 'That run has not ended yet.'),
  'fork.tooMany': fault(null, 409, 'never', 'There are too many versions of this message already.'),
  'cursor.unknown': fault(1008, 404, 'never', 'There is no such place in this run.'),
  'pin.tooMany': fault(
    null,
    409,
    'never',
    'That many conversations are pinned already. Unpin one first.',
  ),
  'conversation.unknown': fault(4404, 404, 'never', 'There is no such conversation.'),
  'share.readOnly': fault(null, 403, 'never', 'This conversation can only be read here.'),
  'share.unknown': fault(
    4404,
    404,
    'never',
    'This link was withdrawn, has ended, or never led anywhere.',
  ),
  'share.tooMany': fault(
    4429,
    429,
    'later',
    'Too many links that do not work were tried. Try again in ten minutes.',
  ),
  'conversation.failed': fault(
    null,
    500,
    'prompt',
    'This conversation stopped. Send again to go on.',
  ),
  'prompt.tooManyImages': fault(null, 413, 'never', 'There are too many images in the prompt.'),
  'upload.unknown': fault(null, 404, 'never', 'There is no such image any more.'),
  'upload.unsupported': fault(null, 415, 'never', 'That is no image that can be taken.'),
  'upload.tooLarge': fault(null, 413, 'never', 'The image is too large.'),
  'upload.tooMany': fault(null, 429, 'later', 'Too many images wait to be sent already.'),
  'approval.first': fault(null, 409, 'later', 'Answer the open question before you send an image.'),
  'path.refused': fault(null, 400, 'never', 'That path is not one in the workspace.'),
  'file.unknown': fault(null, 404, 'never', 'There is no such file or folder.'),
  'file.notAFile': fault(null, 400, 'never', 'That is not a file.'),
  'file.tooLarge': fault(null, 413, 'never', 'The file is too large.'),
  'file.exists': fault(null, 412, 'never', 'There is something of that name already.'),
  'file.quota': fault(null, 507, 'never', 'There is no room for the file in the workspace.'),
  'approval.answered': fault(null, 409, 'never', 'That request was already answered.'),
  'approval.malformed': fault(
    null,
    400,
    'never',
    'The answer to an approval must be true, false or an object.',
  ),
  'limits.tokens': fault(
    null,
    429,
    'later',
    'Stopped: today’s tokens are used up. What was said so far is kept.',
  ),
  'approval.tooMany': fault(
    null,
    null,
    'prompt',
    'Too many approvals waited while others needed the room, so this one was given up. Send again to go on.',
  ),
  throttled: fault(null, 429, 'later', 'A usage limit is reached.'),
  'client.tooSlow': fault(4408, null, 'resume', 'The connection fell behind. Catching up…'),
  'client.flooding': fault(4429, null, 'later', 'This client sends too much.'),
  'sockets.tooMany': fault(null, 503, 'later', 'Too many connections are open.'),
  'session.closed': fault(
    1012,
    null,
    'resume',
    'An operator closed this connection. Reconnecting…',
  ),
  'server.restarting': fault(1012, 503, 'resume', 'The server restarts. Reconnecting…'),
  'store.unavailable': fault(1013, 503, 'later', 'The store cannot be reached. Nothing was lost.'),
  'store.full': fault(
    1013,
    507,
    'later',
    'The server’s disk is full. What is there can be read; nothing new can be sent.',
  ),
  'claude.startFailed': fault(null, null, 'prompt', 'Claude could not be started.'),
  'claude.startTimeout': fault(null, null, 'prompt', 'Claude took too long to start.'),
  'claude.crashed': fault(
    null,
    null,
    'prompt',
    'Claude stopped unexpectedly. What it wrote is kept.',
  ),
  'claude.stalled': fault(
    null,
    null,
    'prompt',
    'The Claude API stopped answering. What was written is kept.',
  ),
  'claude.crashLoop': fault(
    null,
    null,
    'prompt',
    'Claude has stopped three times in this conversation, so it is not started again for a minute. Send again then.',
  ),
  'claude.api': fault(null, null, 'prompt', 'The Claude API answered with an error.'),
  'claude.failed': fault(null, null, 'prompt', 'Claude ended the turn with an error.'),
  interrupted: fault(
    null,
    null,
    'prompt',
    'The server stopped during this answer. What was written is kept.',
  ),
} as const satisfies Record<string, Fault>;

export type FaultCode = keyof typeof FAULTS;

export interface Fault {
  readonly close: number | null;
  readonly status: number | null;
  readonly retry: 'never' | 'later' | 'resume' | 'prompt';
  readonly say: string;
}

function fault(
  close: number | null,
  status: number | null,
  retry: Fault['retry'],
  say: string,
): Fault {
  return { close, status, retry, say };
}

/**
 * Whether what was asked for is refused and all else goes on, its socket too. A full disk ends a socket only
 * where what the socket watches cannot be kept.
 */
export function isRefusal(error: unknown): error is FaultError {
  if (!(error instanceof FaultError)) return false;
  return FAULTS[error.code].close === null || error.code === 'store.full';
}

/** What of a request was refused. @throws The error itself, where it is no refusal. */
export function refusalIn(error: unknown): FaultCode {
  if (isRefusal(error)) return error.code;
  throw error;
}

/** Carries a fault across an `await`; thrown and caught inside the server, never shown as a stack. */
export class FaultError extends Error {
  readonly code: FaultCode;
  /** What is wrong with the very request. */
  readonly detail: string | undefined;
  constructor(code: FaultCode, detail?: string) {
    super(detail ? `${FAULTS[code].say} (${detail})` : FAULTS[code].say);
    this.name = 'FaultError';
    this.code = code;
    this.detail = detail;
  }
}

/** What to tell of something thrown: its own code, or, of a bug or a broken store, that nothing could be kept. */
export function faultIn(error: unknown): FaultCode {
  return error instanceof FaultError ? error.code : 'store.unavailable';
}
