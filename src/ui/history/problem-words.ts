import { ApiError } from '../api.ts';
import { words } from '../words/words.ts';

/** Why what was asked for a conversation did not happen, and what to do about it. */
export function problemWords(error: unknown): string {
  const { tooManyPins, gone, offline, failed } = words.history;
  if (!(error instanceof ApiError)) return failed;
  if (error.fault === 'pin.tooMany') return tooManyPins;
  if (error.fault === 'conversation.unknown') return gone;
  return error.status === 0 ? offline : failed;
}
