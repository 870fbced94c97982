/** Which process ends when others need its room. */
import { userOf } from '../store/store.ts';
import type { Conversation } from './conversation.ts';

type State = 'ready' | 'awaitingApproval' | 'stopping';

const isIn = (state: State) => (one: Conversation) =>
  one.actor.getSnapshot().matches({ alive: state });

/** Processes that wait for an approval, which may take for ever. */
export function pinned(living: Iterable<Conversation>): number {
  return [...living].filter(isIn('awaitingApproval')).length;
}

/**
 * Ends one process, if as many as are waited for do not end already: the idle one that was not used for the
 * longest time, or else, where some wait, the same of those whose user has most approvals open above the cap.
 * @param living Least recently used first.
 * @param waiting How many wait for the room; 0 where it is to be free.
 */
export function makeRoom(
  living: readonly Conversation[],
  waiting: number,
  approvalsMax: number,
): void {
  const ending = living.filter(isIn('stopping')).length;
  if (ending >= Math.max(1, waiting)) return;
  const idle = living.find(isIn('ready'));
  if (idle) return idle.actor.send({ type: 'process.evict' });
  if (waiting > 0) mostAsking(living, approvalsMax)?.actor.send({ type: 'process.reclaim' });
}

function mostAsking(living: readonly Conversation[], max: number): Conversation | undefined {
  const byUser = Map.groupBy(living.filter(isIn('awaitingApproval')), ({ key }) => userOf(key));
  const [most] = [...byUser.values()].sort((a, b) => b.length - a.length);
  return most && most.length > max ? most[0] : undefined;
}
