import { type RefObject, useCallback, useRef, useState } from 'react';
import { useWide } from './use-wide.ts';

export interface FilesState {
  /** Room for a column; else it is a sheet over the page. */
  readonly wide: boolean;
  readonly open: boolean;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** Whether the files are shown. Closed at each load: they are looked at, not lived with. */
export function useFiles(): FilesState {
  const wide = useWide('(min-width: 1200px)');
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const toggle = useCallback(() => setOpen((is) => !is), []);
  const close = useCallback(() => {
    setOpen(false);
    button.current?.focus();
  }, []);
  return { wide, open, button, toggle, close };
}
