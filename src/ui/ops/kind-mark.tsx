import type { ActorKind } from '../../transport/ops/protocol.ts';

const PATHS: Readonly<Record<ActorKind, string>> = {
  session: 'M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5',
  conversation: 'M2.5 3h11v7.5h-6L4.5 13v-2.5h-2z',
  claude:
    'M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14',
  parked: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5',
};

/** A sign for what an actor is; its word stands beside it. */
export function KindMark({ kind }: { kind: ActorKind }) {
  return (
    <svg className="ops-kind" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[kind]} />
    </svg>
  );
}
