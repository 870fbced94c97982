/** A run that is kept already: who sends it again follows it, and nothing is run twice. */
import { FaultError } from '../faults.ts';
import type { Conversations } from '../machines/conversations.ts';
import { type ConversationKey, type RunCommand, type Store, userOf } from '../store/store.ts';
import type { Drafts } from './drafts.ts';
import type { Peer } from './peer.ts';

export interface AttachPlace {
  readonly store: Pick<Store, 'run' | 'withdraw'>;
  readonly conversations: Pick<Conversations, 'prompt'>;
}

/** False: it is not kept, or a draft still, and may not stay so. @throws {FaultError} `run.idReused`. */
export async function attach(
  key: ConversationKey,
  { runId, digest }: RunCommand,
  peer: Peer,
  drafts: Drafts,
  { store, conversations }: AttachPlace,
): Promise<boolean> {
  const kept = await store.run(userOf(key), runId);
  if (kept === null || drafts.get(userOf(key), runId)) return false;
  if (kept.key !== key || kept.digest !== digest) throw new FaultError('run.idReused');
  await peer.viewer.follow(key, runId);
  // Kept, and never handed on, because something broke in between: it is handed on now.
  const isPrompt = kept.text !== '' || kept.images !== undefined;
  const isLeft = isPrompt && !kept.started && !kept.parked;
  const fault = isLeft ? await conversations.prompt(key, kept) : null;
  if (fault === null || fault === 'server.restarting') {
    peer.reply(runId, null); // at the latest it begins on the next server
  } else {
    await store.withdraw(key, runId);
    peer.refuse(runId, fault);
  }
  return true;
}
