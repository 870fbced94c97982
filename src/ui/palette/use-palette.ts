import { useCallback, useEffect, useState } from 'react';
import { pressed } from '../shortcuts.ts';
import { isHelpKeyOn } from './help-key.ts';

export interface PaletteState {
  readonly shown: 'palette' | 'help' | null;
  readonly open: () => void;
  readonly openHelp: () => void;
  /** @param closed What has closed; nothing happens if another is shown by now. */
  readonly close: (closed: 'palette' | 'help') => void;
}

/** Whether the palette or the keyboard help is shown, and the keys that open them. */
export function usePalette(): PaletteState {
  const [shown, show] = useState<PaletteState['shown']>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const asked = askedBy(event);
      if (asked === null) return;
      event.preventDefault();
      if (!isCovered()) show(asked);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const open = useCallback(() => show('palette'), []);
  const openHelp = useCallback(() => show('help'), []);
  const close = useCallback(
    (closed: 'palette' | 'help') => show((now) => (now === closed ? null : now)),
    [],
  );
  return { shown, open, openHelp, close };
}

function askedBy(event: KeyboardEvent): PaletteState['shown'] {
  if (pressed(event, 'palette')) return 'palette';
  return pressed(event, 'help') && !isTyping(event.target) && isHelpKeyOn() ? 'help' : null;
}

/** A dialog has the page, and nothing opens over it. */
function isCovered(): boolean {
  return document.querySelector('dialog:modal') !== null;
}

/** Where a character is typed, or looks for something. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}
