import { lazy, Suspense, useEffect } from 'react';
import { patiently } from '../patiently.ts';
import type { PaletteProps } from './palette.tsx';
import type { PaletteState } from './use-palette.ts';

const load = patiently(() => import('./palette-dialogs.tsx'));
const PaletteDialogs = lazy(load);

interface PaletteHostProps extends Omit<PaletteProps, 'onClose'> {
  palette: PaletteState;
  isLive: boolean;
}

/** Shows the palette, or the keyboard help, once that was asked for. */
export function PaletteHost({ palette, isLive, ...rest }: PaletteHostProps) {
  // It is of use offline too: it comes once the page has nothing else to do.
  useEffect(() => {
    if (!isLive || typeof requestIdleCallback !== 'function') return;
    const idle = requestIdleCallback(() => void load());
    return () => cancelIdleCallback(idle);
  }, [isLive]);
  if (palette.shown === null) return null;
  return (
    <Suspense fallback={null}>
      <PaletteDialogs palette={palette} {...rest} />
    </Suspense>
  );
}
