/** Whether the user wants to hear of what ends or asks while they are elsewhere: chosen in this browser, for it. */
import { ownStorage } from '../chat/storage.ts';

const KEY = 'greenroom:notify';

/** `denied`: the browser was told not to, and only its own settings change that. `none`: it knows no such thing. */
export type NotifyChoice = 'on' | 'off' | 'denied' | 'none';

export function notifyChoice(): NotifyChoice {
  if (!('Notification' in globalThis) || !('serviceWorker' in navigator)) return 'none';
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && stored() === 'on' ? 'on' : 'off';
}

/** Asks the browser for leave where it must; only ever on a click. */
export async function chooseNotify(on: boolean): Promise<NotifyChoice> {
  if (on && Notification.permission === 'default') await Notification.requestPermission();
  try {
    if (on) ownStorage()?.setItem(KEY, 'on');
    else ownStorage()?.removeItem(KEY);
  } catch {} // refused: it stays as it was
  return notifyChoice();
}

function stored(): string | null {
  try {
    return ownStorage()?.getItem(KEY) ?? null;
  } catch {
    return null;
  }
}
