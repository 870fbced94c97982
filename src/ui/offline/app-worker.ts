/**
 * The page's side of its service worker: it is registered once the page is at rest, looked after for new versions,
 * and told to take over only when the user says so. Where a browser or an address has none, nothing is missing but
 * the page without a network.
 */
import { Watched } from '../watched.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const FILE = 'sw.js';
const LOOK_MS = 3_600_000;

let registration: ServiceWorkerRegistration | null = null;
let isReloading = false;
const isNewer = new Watched(false);

/** A new version waits to be shown. */
export const { get: newVersion, subscribe: onNewVersion } = isNewer;

/** Shows the new version: the page is loaded anew, once. What is typed is kept, and runs go on. */
export function showNewVersion(): void {
  const { waiting } = registration ?? {};
  if (!waiting) return reload();
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true });
  tell(waiting, { type: 'takeOver' });
}

/** The server says that it is of another version than the one this page came from. */
export function otherServerVersion(): void {
  if (registration) void registration.update().catch(() => {});
  else found();
}

/** Says it outside of the page, unless somebody looks at it. False: this browser cannot, or may not. */
export function notify(message: Extract<ToWorker, { type: 'notify' }>): boolean {
  const { active } = registration ?? {};
  if (!active || Notification.permission !== 'granted') return false;
  tell(active, message);
  return true;
}

/** Takes back all that was said outside of the page: it names conversations, and another may sit there next. */
export async function takeBack(): Promise<void> {
  try {
    for (const shown of (await registration?.getNotifications()) ?? []) shown.close();
  } catch {} // a browser that knows no notifications shows none
}

/** @param open Goes to a conversation, by an address of this page. */
export async function startAppWorker(open: (url: string) => void): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const wasControlled = serviceWorker.controller !== null;
  // Another tab let the new one take over: what this page is made of may be gone from where it came.
  serviceWorker.addEventListener(
    'controllerchange',
    () => wasControlled && !isReloading && found(),
  );
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'open') open(data.url);
  });
  try {
    registration = await serviceWorker.register(scriptUrl(), { updateViaCache: 'none' });
  } catch {
    return forgetWorker(); // switched off on the server, or refused here
  }
  if (!registration) return;
  const look = () => void registration?.update().catch(() => {});
  setInterval(look, LOOK_MS);
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && look(),
  );
  if (registration.waiting && serviceWorker.controller) found();
  const hear = (coming = registration?.installing) =>
    coming?.addEventListener('statechange', () => {
      // The first of all is no newer version.
      if (coming.state === 'installed' && serviceWorker.controller) found();
    });
  hear(); // the browser looks when the page is opened, and may have found it before this page was at rest
  registration.addEventListener('updatefound', () => hear());
}

/** A server that has no worker any more wants none to be left. */
async function forgetWorker(): Promise<void> {
  const answer = await fetch(FILE, { cache: 'no-store' }).catch(() => null);
  if (answer?.status !== 404) return;
  const left = await navigator.serviceWorker.getRegistration();
  await left?.unregister();
}

function found(): void {
  isNewer.set(true);
}

function reload(): void {
  if (isReloading) return;
  isReloading = true;
  location.reload();
}

function tell(worker: ServiceWorker, message: ToWorker): void {
  worker.postMessage(message);
}

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** The one script that may become a worker: the policy of the page names who may say so. */
function scriptUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const policy = trustedTypes?.createPolicy('greenroom-worker', {
    createScriptURL: (url) => {
      if (url !== FILE) throw new TypeError('not the worker of this page');
      return url;
    },
  });
  return policy?.createScriptURL(FILE) ?? FILE;
}
