/** Whether this page can become an app of its own here; browsers say so early, and once. */

/** Chromium's; no standard has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

let offer: InstallPrompt | null = null;
const listeners = new Set<() => void>();

export function canInstall(): boolean {
  return offer !== null;
}

export function onCanInstall(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks the browser to ask the user. An offer is good for one question. */
export function install(): void {
  const asked = offer;
  change(null);
  void asked?.prompt();
}

/** Listens for as long as the page lives. */
export function listenForInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // asked when the user wishes, not when the browser does
    change(event as InstallPrompt);
  });
  addEventListener('appinstalled', () => change(null));
}

function change(to: InstallPrompt | null): void {
  offer = to;
  for (const listener of listeners) listener();
}
