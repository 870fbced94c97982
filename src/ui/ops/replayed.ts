/** A capsule's steps as a trail, so that it is looked at as what is living is. */
import type { ActorEvent, CapsuleSteps, Origin } from '../../transport/ops/protocol.ts';
import { NOTHING, type Trail } from './trail.ts';

const SOURCES: readonly Origin[] = [
  'session',
  'conversation',
  'claude',
  'limits',
  'server',
  'timer',
];

/** All of its steps are kept, however many. */
export function trailOf({ capsule, steps }: CapsuleSteps): Trail {
  const { actor, kind } = capsule;
  const kept = steps.map(({ at, event, snapshot }, key) => {
    const { state, context } = snapshot;
    const moved = key > 0 && steps[key - 1]?.snapshot.state !== state;
    const from = originOf(event.type);
    return {
      key,
      missing: 0,
      event: { n: key, at, actor, kind, from, event, state, moved, context } satisfies ActorEvent,
    };
  });
  return { ...NOTHING, kept, nextKey: kept.length };
}

/** A capsule does not say where an event came from; its name does: `claude.exited`, or what time did. */
export function originOf(type: string): Origin {
  if (type.startsWith('xstate.after') || type.startsWith('xstate.delay')) return 'timer';
  const source = type.split('.')[0];
  return SOURCES.find((origin) => origin === source) ?? 'edge';
}
