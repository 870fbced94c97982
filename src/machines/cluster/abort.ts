/** A prompt is aborted on the server that runs its conversation, or would. */
import type { ConversationKey, Store } from '../../store/store.ts';
import type { Supervisor } from '../supervisor.ts';

export interface AbortParts {
  readonly supervisor: Pick<Supervisor, 'find' | 'abort'>;
  readonly store: Pick<Store, 'withdraw'>;
  /** What a conversation's watchers are to hear. */
  readonly tellWithdrawn: (key: ConversationKey, runId: string) => void;
}

/** One that is still on its way here, or in nobody's hands, is taken back: whoever brings it finds nothing. */
export async function abortHere(
  key: ConversationKey,
  runId: string,
  { supervisor, store, tellWithdrawn }: AbortParts,
): Promise<void> {
  const conversation = supervisor.find(key);
  const waits = conversation?.waiting.some((prompt) => prompt.runId === runId);
  if (!waits && conversation?.liveRunId !== runId) {
    const isBack = await store.withdraw(key, runId);
    if (isBack) tellWithdrawn(key, runId);
  }
  await supervisor.abort(key, runId); // it may have come in between
}
