/** What the page and the frame that draws diagrams say to each other. */

export interface ToFrame {
  readonly text: string;
  readonly theme: 'default' | 'dark';
}

/** `height` in CSS pixels. */
export type FrameSays =
  | { readonly type: 'ready' }
  | { readonly type: 'drawn'; readonly height: number }
  | { readonly type: 'wrong'; readonly why: string };
