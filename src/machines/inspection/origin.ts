/** Where an event comes from, as far as its type tells: roots are sent events from outside of XState. */
import type { ActorKind, Origin } from '../../transport/ops/protocol.ts';

const BY_BEGINNING: readonly (readonly [string, Origin])[] = [
  ['xstate.after', 'timer'],
  ['signIn.expir', 'timer'],
  ['xstate.', 'server'],
  ['client.', 'edge'],
  ['socket.', 'edge'],
  ['signIn.', 'edge'],
  ['user.', 'session'],
  ['limits.', 'limits'],
  ['budget.', 'limits'],
  ['run.', 'conversation'],
  ['prompt.', 'conversation'],
  ['watch.', 'conversation'],
];

export function originOf(type: string, kind: ActorKind): Origin {
  if (type.startsWith('claude.')) return kind === 'claude' ? 'conversation' : 'claude';
  return BY_BEGINNING.find(([beginning]) => type.startsWith(beginning))?.[1] ?? 'server';
}
