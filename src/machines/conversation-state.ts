/** What the state of a conversation's machine means to those outside. */
import type { SnapshotFrom } from 'xstate';
import type { conversationMachine } from './conversation.machine.ts';

type Snapshot = SnapshotFrom<typeof conversationMachine>;

/** A turn runs, or subagents do. One that only waits for an approval does not. */
export function isWorking(snapshot: Snapshot): boolean {
  if (snapshot.matches({ alive: 'delegating' })) return true;
  return snapshot.context.run !== null && !snapshot.matches({ alive: 'awaitingApproval' });
}

/** What goes on, as a list of conversations shows it. @param waits Whether prompts wait. */
export function activityOf(snapshot: Snapshot, waits: boolean): 'running' | 'asking' | null {
  const { run, asking } = snapshot.context;
  if (run === null && asking.length > 0) return 'asking';
  return run !== null || isWorking(snapshot) || waits ? 'running' : null;
}
