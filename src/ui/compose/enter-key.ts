/** What Enter does in the message box. */

import { type Pressed, pressed } from '../shortcuts.ts';

/**
 * Enter sends, and Shift+Enter breaks the line. On a touch screen Enter breaks the line, as chats there do: its
 * keyboard has no Shift+Enter to speak of, and the Send button is beside it. Ctrl or ⌘ with Enter sends everywhere.
 */
export function sends(event: Pressed, isTouch: boolean): boolean {
  return pressed(event, 'sendAlways') || (!isTouch && pressed(event, 'send'));
}

/** Touch alone: a tablet with a trackpad has a keyboard too. */
export function isTouchOnly(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
