import { toneOf } from './tone.ts';

/** A state by its own name, with a spot that says how that is. */
export function StateChip({ state }: { state: string }) {
  return (
    <span className={`ops-state tone-${toneOf(state)}`}>
      <span className="ops-dot" aria-hidden="true" />
      <code>{state === '' ? '–' : state}</code>
    </span>
  );
}
