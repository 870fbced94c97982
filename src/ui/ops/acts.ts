/** What an operator may do to an actor, and what needs more than a click. */
import type { ActorRow, OpsAct } from '../../transport/ops/protocol.ts';

/** Typed to confirm that a server is to end; the same in every language, as it is in the log. */
export const DRAIN_WORD = 'drain';

/** @param capsulesMax How many capsules the server keeps. */
export function actsFor(row: ActorRow, capsulesMax: number): OpsAct[] {
  const acts: OpsAct[] = [];
  const conversation = row.kind === 'conversation' ? row.id : row.kind === 'claude' ? row.of : null;
  if (conversation != null) {
    if (row.run !== undefined) acts.push({ act: 'interrupt', actor: conversation });
    if (row.kind === 'claude' || row.state.startsWith('alive'))
      acts.push({ act: 'stopProcess', actor: conversation });
  }
  const { id: actor } = row;
  if (row.kind === 'session') acts.push({ act: 'closeSession', actor });
  if (capsulesMax > 0) {
    if (row.kind === 'session' && !row.recorded) acts.push({ act: 'record', actor });
    if (row.kind === 'conversation' || row.recorded) acts.push({ act: 'capsule', actor });
  }
  if (row.user !== null) acts.push({ act: 'signOut', user: row.user });
  return acts;
}

/** What takes something from somebody. */
export function isHarsh({ act }: OpsAct): boolean {
  return act !== 'record' && act !== 'capsule' && act !== 'logLevel';
}
