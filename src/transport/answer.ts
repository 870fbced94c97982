/** Answers to what Claude asked: kept as a run is, so that sent twice they are one. */
import { FaultError } from '../faults.ts';
import type { Decision } from '../machines/approvals.ts';
import type { Conversations } from '../machines/conversations.ts';
import type { ConversationKey, RunCommand, Store } from '../store/store.ts';
import type { Peer } from './peer.ts';

export interface AnswerPlace {
  readonly store: Pick<Store, 'accept' | 'withdraw'>;
  readonly conversations: Pick<Conversations, 'answer'>;
}

/** @throws {FaultError} `run.idReused`. */
export async function answer(
  key: ConversationKey,
  command: RunCommand,
  decisions: Decision[],
  peer: Peer,
  { store, conversations }: AnswerPlace,
): Promise<void> {
  await peer.viewer.follow(key, command.runId);
  const accepted = await store.accept(key, command);
  if (accepted === 'conflict') throw new FaultError('run.idReused');
  if (accepted === 'duplicate') return peer.reply(command.runId, null);
  const fault = await conversations.answer(key, command.runId, decisions);
  if (fault === null) return peer.reply(command.runId, null);
  await store.withdraw(key, command.runId);
  peer.refuse(command.runId, fault);
}
