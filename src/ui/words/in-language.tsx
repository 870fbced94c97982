import { Fragment, type ReactNode, useSyncExternalStore } from 'react';
import { language, onSpoken } from './words.ts';

/**
 * Shows all of the page anew when it takes up another language, as texts are read where they are shown and most
 * components redraw only when what they show has changed. What is typed and the socket are the client's, and stay.
 */
export function InLanguage({ children }: { children: ReactNode }) {
  const spoken = useSyncExternalStore(onSpoken, () => language);
  return <Fragment key={spoken}>{children}</Fragment>;
}
