import { useCallback, useState } from 'react';
import { useWide } from './use-wide.ts';

const KEPT = 'greenroom:sidebar';

export interface SidebarState {
  readonly wide: boolean;
  readonly open: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** A column stays as it was left, over reloads; a drawer opens for one choice and is closed again. */
export function useSidebar(): SidebarState {
  const wide = useWide();
  const [column, setColumn] = useState(() => read() !== 'closed');
  const [drawer, setDrawer] = useState(false);
  const open = wide ? column : drawer;
  const toggle = useCallback(() => {
    if (!wide) return setDrawer((is) => !is);
    setColumn((is) => {
      write(is ? 'closed' : 'open');
      return !is;
    });
  }, [wide]);
  const close = useCallback(() => setDrawer(false), []);
  return { wide, open, toggle, close };
}

/** A browser may refuse storage; then the column is open at each load. */
function read(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function write(state: string): void {
  try {
    localStorage.setItem(KEPT, state);
  } catch {}
}
