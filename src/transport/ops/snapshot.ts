/** How an actor stands, as operators are told. */
import { type ShownSnapshot, stateName } from '../../machines/inspection/shown.ts';
import type { Snapshot } from './protocol.ts';

export function snapshotView({ status, value, context }: ShownSnapshot): Snapshot {
  return { status, state: stateName(value), context };
}
