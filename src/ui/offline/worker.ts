/**
 * The service worker: keeps what the page is made of, so that it opens without a network, and nothing that anybody
 * said or may see. It never takes over from another version by itself.
 */
import { shellRoute } from './shell-route.ts';
import type { ToWorker } from './worker-messages.ts';

/** Put in when it is built: see `worker-plugin.ts`. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] };

const worker = globalThis as unknown as ServiceWorker;
/** By path: what a browser keeps is one for all servers of a host, and others' is not ours to throw away. */
const PREFIX = `greenroom-shell-${new URL(worker.registration.scope).pathname}-`;
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
  if (told.type === 'notify') event.waitUntil(notify(told, event.source?.id ?? ''));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data as Place));
});

/**
 * The network's answer, also that one must sign in; but where an edge or the server can give none just now, the page
 * that is kept, which says so and comes back by itself.
 */
async function page(request: Request): Promise<Response> {
  const answered = fetch(request).then(orSignIn);
  answered.catch(() => {}); // it may fail before what is kept was looked up
  const kept = await keptFor('./');
  if (kept === undefined) return answered;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, PAGE_MS, kept.clone()));
  const orKept = answered.then(
    (answer) => (answer.status >= 500 ? kept : answer),
    () => kept,
  );
  return Promise.race([orKept, late]);
}

/** A browser may refuse to look, or have lost what it kept: the network has it all the same. */
function keptFor(asked: Request | string): Promise<Response | undefined> {
  return caches.match(asked, { cacheName: CACHE }).catch(() => undefined);
}

/** A server does not see that a worker asks for a page, and refuses instead of leading to the sign-in. */
function orSignIn(answer: Response): Response {
  if (answer.status !== 401) return answer;
  return Response.redirect(new URL('login', worker.registration.scope).href);
}

async function asset(request: Request): Promise<Response> {
  const kept = await keptFor(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (isPart(response)) await keep(request, response.clone());
  return response;
}

/** Neither a redirect to the sign-in nor a refusal is one, nor a page of an edge's in its place: none of ours is HTML. */
function isPart({ status, redirected, headers }: Response): boolean {
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
  return status === 200 && !redirected && !isPage;
}

/** Where there is no room, it is asked for again the next time. */
async function keep(request: Request, response: Response): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(request, response);
  } catch {}
}

/** Of all tabs one says it, and none while somebody looks at one of them. */
async function notify(told: Extract<ToWorker, { type: 'notify' }>, tab: string): Promise<void> {
  const { title, body, url, tag } = told;
  const tabs = await worker.clients.matchAll({ type: 'window' });
  if (tabs.some(({ visibilityState }) => visibilityState === 'visible')) return;
  const data: Place = { url, tab };
  await worker.registration.showNotification(title, { body, tag, data });
}

/** In the tab that told of it: others may show a file, or what somebody shared, and would not go there. */
async function show({ url, tab: id }: Place): Promise<void> {
  const tab = await worker.clients.get(id);
  if (tab === undefined) return void (await worker.clients.openWindow(url));
  await tab.focus();
  tab.postMessage({ type: 'open', url });
}

/** Where a click on a notification leads. */
interface Place {
  readonly url: string;
  /** Which tab told of it. */
  readonly tab: string;
}

/** The few parts of the worker's global scope that are used; the page's own types do not know it. */
interface ServiceWorker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    get(id: string): Promise<Tab | undefined>;
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
  addEventListener(
    type: 'message',
    listener: (event: Lasting & { data: unknown; source: { id: string } | null }) => void,
  ): void;
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
