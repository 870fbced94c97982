/** Whether this page can become an app of its own here; browsers say so early, and once. */

import { Watched } from '../watched.ts';

/** Chromium's; no standard has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const offer = new Watched<InstallPrompt | null>(null);

export function canInstall(): boolean {
  return offer.get() !== null;
}

export const onCanInstall = offer.subscribe;

/** Asks the browser to ask the user. An offer is good for one question. */
export function install(): void {
  const asked = offer.get();
  offer.set(null);
  void asked?.prompt();
}

/** Listens for as long as the page lives. */
export function listenForInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // asked when the user wishes, not when the browser does
    offer.set(event as InstallPrompt);
  });
  addEventListener('appinstalled', () => offer.set(null));
}
