import { KeyboardHelp } from './keyboard-help.tsx';
import { Palette, type PaletteProps } from './palette.tsx';
import type { PaletteState } from './use-palette.ts';

interface PaletteDialogsProps extends Omit<PaletteProps, 'onClose'> {
  palette: PaletteState;
}

/** The two dialogs of the keyboard, which are loaded together. */
export default function PaletteDialogs({ palette, ...rest }: PaletteDialogsProps) {
  if (palette.shown === 'help') return <KeyboardHelp onClose={() => palette.close('help')} />;
  return <Palette {...rest} onClose={() => palette.close('palette')} />;
}
