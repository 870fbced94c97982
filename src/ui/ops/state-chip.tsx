import { toneOf } from './tone.ts';

/** A state by its own name, with a spot that says how that is; nothing for what has no states. */
export function StateChip({ state }: { state: string }) {
  if (state === '') return null;
  return (
    <span className={`ops-state tone-${toneOf(state)}`}>
      <span className="ops-dot" aria-hidden="true" />
      <code>{state}</code>
    </span>
  );
}
