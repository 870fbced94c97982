/** Which parts of a statechart are lit: `state:alive.running`, and `edge:FROM:TO` of a transition. */
import type { Move } from './trail.ts';

/** The names of a state and those around it, the innermost first: `alive.running` is in `alive`. */
export function withParents(state: string): string[] {
  return state
    .split(/[\s,|]+/)
    .filter((name) => name !== '')
    .flatMap((name) => {
      const steps = name.split('.');
      return steps.map((_, index) => steps.slice(0, steps.length - index).join('.'));
    });
}

/**
 * The edge a move went along. A chart has it where it is written: at the state or at one around it, to the state or
 * to one that begins with it.
 * @param has Whether the chart has an edge of that id.
 */
export function edgeOf({ from, to }: Move, has: (id: string) => boolean): string | null {
  for (const start of withParents(from))
    for (const end of withParents(to)) {
      const id = `edge:${start}:${end}`;
      if (has(id)) return id;
    }
  return null;
}
