import { keycapsOf, type ShortcutId } from '../shortcuts.ts';
import { words } from '../words/words.ts';

/** The keys of a shortcut, as they are printed on this reader's keyboard. */
export function Keycaps({ id }: { id: ShortcutId }) {
  return (
    <span className="keycaps">
      {keycapsOf(id).map((cap) => (
        <kbd key={cap}>{capWords(cap)}</kbd>
      ))}
    </span>
  );
}

/** The same in one line, for a title. */
export function keysLine(id: ShortcutId): string {
  return keycapsOf(id).map(capWords).join('+');
}

function capWords(cap: string): string {
  const { keys } = words.palette;
  return Object.hasOwn(keys, cap) ? keys[cap as keyof typeof keys] : cap;
}
