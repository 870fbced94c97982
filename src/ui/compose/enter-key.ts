/** What Enter does in the message box. */

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/**
 * Enter sends, and Shift+Enter breaks the line. On a touch screen Enter breaks the line, as chats there do: its
 * keyboard has no Shift+Enter to speak of, and the Send button is beside it. Ctrl or ⌘ with Enter sends everywhere.
 */
export function sends({ key, shiftKey, altKey, ctrlKey, metaKey }: Pressed, isTouch: boolean) {
  if (key !== 'Enter' || shiftKey || altKey) return false;
  return !isTouch || ctrlKey || metaKey;
}

/** Touch alone: a tablet with a trackpad has a keyboard too. */
export function isTouchOnly(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
