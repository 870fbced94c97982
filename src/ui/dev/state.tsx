import type { ReactNode } from 'react';

/** One component in one state. */
export interface State {
  readonly name: string;
  readonly show: () => ReactNode;
  /** `tall`: in a frame of its own height, for what fills the page or is fixed to it. */
  readonly frame: 'none' | 'line' | 'tall';
}

/** What belongs together; `id` is its anchor, and its name for `?section=`. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly states: readonly State[];
}

export function state(name: string, show: () => ReactNode, frame: State['frame'] = 'none'): State {
  return { name, show, frame };
}
