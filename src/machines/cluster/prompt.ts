/** A prompt is begun on the server that runs its conversation, or takes it. */
import type { FaultCode } from '../../faults.ts';
import { type ConversationKey, type Store, userOf } from '../../store/store.ts';
import type { Supervisor } from '../supervisor.ts';

export interface PromptParts {
  readonly supervisor: Pick<Supervisor, 'open' | 'prompt'>;
  readonly store: Pick<Store, 'run'>;
}

/**
 * The store is asked once the conversation is this server's: from then on nobody else begins it. Null, or why it was
 * not taken; one that was taken back, or is at work already, is nobody's to begin.
 * @param onTaken Only now is it this server's to see to: one that is not taken stays with who brings it.
 * @throws {HeldElsewhere} Where another server runs the conversation.
 */
export async function promptHere(
  key: ConversationKey,
  runId: string,
  { supervisor, store }: PromptParts,
  onTaken: () => Promise<void>,
): Promise<FaultCode | null> {
  await supervisor.open(key);
  const run = await store.run(userOf(key), runId);
  if (run === null || run.started || run.parked) return null;
  const fault = await supervisor.prompt(key, run);
  if (fault === null) await onTaken();
  return fault;
}
