/** A capsule's steps as a trail, so that it is looked at as what is living is. */
import type { ActorEvent, CapsuleSteps } from '../../transport/ops/protocol.ts';
import { NOTHING, type Trail } from './trail.ts';

/** All of its steps are kept, however many. */
export function trailOf({ capsule, steps }: CapsuleSteps): Trail {
  const { actor, kind } = capsule;
  const kept = steps.map(({ at, from, event, snapshot }, key) => {
    const { state, context } = snapshot;
    const moved = key > 0 && steps[key - 1]?.snapshot.state !== state;
    return {
      key,
      missing: 0,
      event: { n: key, at, actor, kind, from, event, state, moved, context } satisfies ActorEvent,
    };
  });
  return { ...NOTHING, kept, nextKey: kept.length };
}
