import type { BranchView } from '../../transport/views.ts';
import { apiUrl, ask } from '../api.ts';

/** A new conversation that holds all that was said before a run. @throws {ApiError} */
export function fork(threadId: string, runId: string): Promise<{ threadId: string }> {
  return ask('POST', apiUrl(`conversations/${threadId}/fork`), { body: { before: runId } });
}

/** Every place on a conversation's way that was forked. @throws {ApiError} */
export function branchesOf(threadId: string): Promise<{ branches: BranchView[] }> {
  return ask('GET', apiUrl(`conversations/${threadId}/branches`));
}
