import { ApiError } from '../api.ts';
import { faultWords } from '../fault-words.ts';
import { words } from '../words/words.ts';

/** Why what was asked for a conversation did not happen, and what to do about it. */
export function problemWords(error: unknown): string {
  if (!(error instanceof ApiError)) return words.history.failed;
  if (error.fault !== null) return faultWords(error.fault);
  return error.status === 0 ? words.history.offline : words.history.failed;
}
