/**
 * The service worker: keeps what the page is made of, so that it opens without a network, and nothing that anybody
 * said or may see. It never takes over from another version by itself.
 */
import { shellRoute } from './shell-route.ts';
import type { ToWorker } from './worker-messages.ts';

/** Put in when it is built: see `worker-plugin.ts`. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] };

const worker = globalThis as unknown as ServiceWorker;
const PREFIX = 'greenroom-shell-';
const CACHE = PREFIX + SHELL.version;
/** A line that is there and answers nothing is as good as none. */
const PAGE_MS = 5_000;

worker.addEventListener('install', (event) => {
  // Past the browser's own cache, and never what a redirect leads to: the sign-in page is no shell.
  const how = { cache: 'reload', redirect: 'error' } as const;
  const files = SHELL.files.map((file) => new Request(file, how));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== CACHE);
      await Promise.all(old.map((key) => caches.delete(key)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', (event) => {
  const route = shellRoute(event.request, worker.registration.scope);
  if (route === 'page') event.respondWith(page(event.request));
  if (route === 'asset') event.respondWith(asset(event.request));
});

worker.addEventListener('message', (event) => {
  const told = event.data as ToWorker;
  if (told.type === 'takeOver') void worker.skipWaiting();
  if (told.type === 'notify') event.waitUntil(notify(told));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data)));
});

/** The network's answer, whatever it is: also that one must sign in. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match('./', { cacheName: CACHE });
  if (kept === undefined) return fetch(request);
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PAGE_MS, kept.clone()));
  return Promise.race([fetch(request).then(orSignIn, () => kept), late]);
}

/** A server does not see that a worker asks for a page, and refuses instead of leading to the sign-in. */
function orSignIn(answer: Response): Response {
  if (answer.status !== 401) return answer;
  return Response.redirect(new URL('login', worker.registration.scope).href);
}

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  // Neither a redirect to the sign-in nor a refusal is an asset.
  if (response.status === 200 && !response.redirected) await cache.put(request, response.clone());
  return response;
}

/** Of all tabs one says it, and none while somebody looks at one of them. */
async function notify({ title, body, url, tag }: Extract<ToWorker, { type: 'notify' }>) {
  const tabs = await worker.clients.matchAll({ type: 'window' });
  if (tabs.some(({ visibilityState }) => visibilityState === 'visible')) return;
  await worker.registration.showNotification(title, { body, tag, data: url });
}

async function show(url: string): Promise<void> {
  const [tab] = await worker.clients.matchAll({ type: 'window' });
  if (tab === undefined) return void (await worker.clients.openWindow(url));
  await tab.focus();
  tab.postMessage({ type: 'open', url });
}

/** The few parts of the worker's global scope that are used; the page's own types do not know it. */
interface ServiceWorker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(of: { type: 'window' }): Promise<readonly Tab[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(
    type: 'fetch',
    listener: (
      event: Lasting & { request: Request; respondWith(answer: Promise<Response>): void },
    ) => void,
  ): void;
  addEventListener(type: 'message', listener: (event: Lasting & { data: unknown }) => void): void;
  addEventListener(
    type: 'notificationclick',
    listener: (event: Lasting & { notification: Notification }) => void,
  ): void;
}

interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

interface Tab {
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
