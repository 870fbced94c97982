import type { KeyboardEvent } from 'react';

/** A key with this code belongs to an input method; Safari says no more than that of the Enter that ends a word. */
const COMPOSING_KEY = 229;

/** Whether an input method is still composing: the key is its own, and must neither send nor close anything. */
export function isComposing({ nativeEvent, keyCode }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || keyCode === COMPOSING_KEY;
}
