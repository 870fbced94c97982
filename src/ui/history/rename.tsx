import { useRef } from 'react';
import { words } from '../words/words.ts';

const TITLE_MAX = 200;

interface RenameProps {
  title: string;
  /** @param title Null: as it was. @param byKey The focus is still here, and must go somewhere. */
  onDone: (title: string | null, byKey: boolean) => void;
}

/** A box in a title's place: Enter and leaving it keep what is typed, Escape does not. */
export function Rename({ title, onDone }: RenameProps) {
  const done = useRef(false);
  const finish = (renamed: string | null, byKey: boolean) => {
    if (done.current) return; // Enter takes the focus away, too
    done.current = true;
    onDone(renamed === null || renamed.trim() === '' ? null : renamed.trim(), byKey);
  };
  return (
    <input
      className="rename"
      dir="auto"
      aria-label={words.history.newTitle}
      defaultValue={title}
      maxLength={TITLE_MAX}
      ref={focus}
      onFocus={({ target }) => target.select()}
      onBlur={({ target }) => finish(target.value, false)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(event.currentTarget.value, true);
        if (event.key !== 'Escape') return;
        event.preventDefault(); // the drawer stays
        finish(null, true);
      }}
    />
  );
}

/** A browser heeds `autofocus` once a page; the user asks to type here any number of times. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
