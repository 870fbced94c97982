/**
 * Whether “?” alone opens the keyboard help. A key without Ctrl or ⌘ may be pressed by accident, or by speech: who is
 * bothered by it can turn it off (WCAG 2.1.4). Kept in this browser.
 */
import { ownStorage } from '../chat/storage.ts';

const KEY = 'greenroom:help-key';

export function isHelpKeyOn(): boolean {
  try {
    return ownStorage()?.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

/** A browser may refuse storage; then it stays on. */
export function setHelpKey(isOn: boolean): void {
  try {
    if (isOn) ownStorage()?.removeItem(KEY);
    else ownStorage()?.setItem(KEY, 'off');
  } catch {}
}
