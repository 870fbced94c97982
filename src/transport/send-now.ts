/** A prompt that waits is to go first. */
import type { FaultCode } from '../faults.ts';
import type { Conversations, ParkedPrompts } from '../machines/conversations.ts';
import type { Store } from '../store/store.ts';
import type { Drafts } from './drafts.ts';

export interface SendNowParts {
  readonly store: Pick<Store, 'run'>;
  readonly conversations: Pick<Conversations, 'sendNow'>;
  readonly parking: Pick<ParkedPrompts, 'get'>;
}

/** One that is still on its way to be accepted goes first when it has been. Null, or why it does not. */
export async function sendNow(
  user: string,
  runId: string,
  drafts: Drafts,
  { store, conversations, parking }: SendNowParts,
): Promise<FaultCode | null> {
  const draft = drafts.get(user, runId);
  if (parking.get(user, runId)) return 'throttled';
  if (draft) {
    draft.hurried = true;
    return null;
  }
  const run = await store.run(user, runId);
  return run === null ? 'run.unknown' : conversations.sendNow(run.key, runId);
}
