/** One stop for the Tab key in a list, which arrow keys move: the roving tabindex of the ARIA practices. */
import { useRef, useState } from 'react';

/** Where a key leads in a list of `count`; null: it is none that moves. The list does not wrap around. */
export function stepTo(key: string, at: number, count: number): number | null {
  const last = count - 1;
  if (key === 'ArrowDown') return Math.min(at + 1, last);
  if (key === 'ArrowUp') return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}

/** Where the focus goes when one leaves the list: to the next, or else to the one before; null: it was the only one. */
export function neighbourOf(ids: readonly string[], id: string): string | null {
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}

/**
 * @param ids The stops in their order; each is an element with that id as `data-stop`.
 * @param preferred The stop until one was chosen.
 */
export function useRoving(ids: readonly string[], preferred: string | null) {
  const [chosen, choose] = useState<string | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const isHere = (id: string | null) => id !== null && ids.includes(id);
  const stop = [chosen, preferred].find(isHere) ?? ids[0] ?? null;

  /** False: it is not there. */
  const focus = (id: string | null): boolean => {
    const element = root.current?.querySelector<HTMLElement>(
      `[data-stop="${CSS.escape(id ?? '')}"]`,
    );
    element?.focus();
    return element != null;
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const at = ids.indexOf((event.target as HTMLElement).dataset.stop ?? '');
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = stepTo(event.key, at, ids.length);
    if (to === null) return;
    event.preventDefault(); // the list does not scroll besides
    focus(ids[to] ?? null);
  };
  /** For the element of a stop. */
  const stopProps = (id: string) => ({
    'data-stop': id,
    tabIndex: id === stop ? 0 : -1,
    onFocus: () => choose(id),
  });
  return { root, stop, focus, onKeyDown, stopProps };
}
