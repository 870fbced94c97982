/** The service worker, with the few parts of its world that it uses put in its place. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

const SCOPE = 'https://chat.example.org/chat/';
const KEPT = 'the page that was kept';

type Listener = (event: Record<string, unknown>) => void;
const listeners = new Map<string, Listener>();
const world = {
  /** What the network answers; an error: it does not. */
  network: new Response() as Response | Error,
  /** Of the kept page and its parts, by address; an error: the browser does not look. */
  kept: new Map<string, string>() as Map<string, string> | Error,
  hasRoom: true,
  caches: new Set<string>(),
  windows: [] as FakeWindow[],
  opened: [] as string[],
  shown: [] as { title: string; data: unknown }[],
};

class FakeWindow {
  readonly visibilityState = 'hidden';
  readonly heard: unknown[] = [];
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
  focus = async () => {};
  postMessage = (message: unknown) => void this.heard.push(message);
}

const match = async (asked: Request | string) => {
  if (world.kept instanceof Error) throw world.kept;
  const found = world.kept.get(typeof asked === 'string' ? asked : asked.url);
  return found === undefined ? undefined : new Response(found);
};
const later = globalThis.setTimeout;
Object.assign(globalThis, {
  // Nobody waits for the end of a wait that was not needed.
  setTimeout: (...given: Parameters<typeof later>) => later(...given).unref(),
  SHELL: { version: 'v1', files: [] },
  addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  registration: {
    scope: SCOPE,
    showNotification: async (title: string, { data }: { data: unknown }) =>
      void world.shown.push({ title, data }),
  },
  clients: {
    matchAll: async () => world.windows,
    claim: async () => {},
    get: async (id: string) => world.windows.find((one) => one.id === id),
    openWindow: async (url: string) => void world.opened.push(url),
  },
  caches: {
    match,
    keys: async () => [...world.caches],
    delete: async (key: string) => world.caches.delete(key),
    open: async () => {
      if (world.kept instanceof Error) throw world.kept;
      const put = async (request: Request, response: Response) => {
        if (!world.hasRoom) throw new DOMException('no room', 'QuotaExceededError');
        if (!(world.kept instanceof Error)) world.kept.set(request.url, await response.text());
      };
      return { match, put };
    },
  },
  fetch: async () => {
    if (world.network instanceof Error) throw world.network;
    return world.network.clone();
  },
});
await import('../../../src/ui/offline/worker.ts');

beforeEach(() => {
  Object.assign(world, {
    network: new Response('from the network'),
    kept: new Map([['./', KEPT]]),
    hasRoom: true,
    windows: [],
    opened: [],
    shown: [],
  });
});

/** Sends the worker an event; resolves when all is done that it is to live for. */
async function send(type: string, event: Record<string, unknown>): Promise<void> {
  const work: Promise<unknown>[] = [];
  listeners.get(type)?.({ ...event, waitUntil: (one: Promise<unknown>) => work.push(one) });
  await Promise.all(work);
}

async function ask(path: string, mode: string): Promise<Response> {
  // A page cannot be asked for by a script, so that a request for one cannot be made here.
  const request = { url: new URL(path, SCOPE).href, method: 'GET', mode };
  return new Promise((resolve, reject) => {
    const respondWith = (answer: Promise<Response>) => answer.then(resolve, reject);
    listeners.get('fetch')?.({ request, respondWith });
  });
}
const text = async (path: string, mode = 'cors') => (await ask(path, mode)).text();

test('the kept page comes where nothing answers, and the network’s where something does', async () => {
  assert.equal(await text('./', 'navigate'), 'from the network');
  world.network = new TypeError('no network');
  assert.equal(await text('./', 'navigate'), KEPT);
});

test('[R23] it comes, too, where an edge or a server that restarts answers that it cannot', async () => {
  for (const status of [500, 502, 503, 504]) {
    world.network = new Response('{"fault":"server.restarting"}', { status });
    assert.equal(await text('./', 'navigate'), KEPT, String(status));
  }
  world.network = new Response('not you', { status: 403 });
  assert.equal(await text('./', 'navigate'), 'not you');
});

test('[R36] signed out, the way leads to the sign-in, whatever is kept', async () => {
  for (const kept of [new Map([['./', KEPT]]), new Map<string, string>(), new Error('no look')]) {
    world.kept = kept;
    world.network = new Response('{}', { status: 401 });
    const answer = await ask('./', 'navigate');
    assert.equal(answer.headers.get('location'), `${SCOPE}login`);
  }
});

test('[R9] a browser that has no room, or refuses to look, gets the page and its parts all the same', async () => {
  world.hasRoom = false;
  assert.equal(await text('assets/a-1.js'), 'from the network');
  world.kept = new Error('the browser refuses');
  assert.equal(await text('assets/a-1.js'), 'from the network');
  assert.equal(await text('./', 'navigate'), 'from the network');
});

test('[R9] a part of the page is asked for once; a refusal, or an edge’s page in its place, is not kept', async () => {
  world.network = new Response('refused', { status: 403 });
  assert.equal(await text('assets/b-1.js'), 'refused');
  world.network = new Response('sign in', { headers: { 'Content-Type': 'text/html' } });
  assert.equal(await text('assets/b-1.js'), 'sign in');
  world.network = new Response('the part');
  assert.equal(await text('assets/b-1.js'), 'the part');
  world.network = new TypeError('no network');
  assert.equal(await text('assets/b-1.js'), 'the part');
});

const CALL = { type: 'notify', title: 'Photos', body: 'b', tag: 't', url: `${SCOPE}#/c/t` };
const click = () =>
  send('notificationclick', {
    notification: { close: () => {}, data: world.shown.at(-1)?.data },
  });

test('[R9] a click leads to the tab that called, not to a file or a reader’s page that hears nothing', async () => {
  const [file, chat] = [new FakeWindow('file'), new FakeWindow('chat')];
  world.windows = [file, chat];
  await send('message', { data: CALL, source: chat });
  await click();
  assert.deepEqual(chat.heard, [{ type: 'open', url: CALL.url }]);
  assert.deepEqual([file.heard, world.opened], [[], []]);
  world.windows = [file];
  await click();
  assert.deepEqual([file.heard, world.opened], [[], [CALL.url]]);
});

test('[R60] a new version throws away what the last one kept, and nothing of another server of the host', async () => {
  const others = ['greenroom-shell-/chat/ops/-v0', 'greenroom-shell-/other/-v0', 'something else'];
  const own = 'greenroom-shell-/chat/-v1';
  world.caches = new Set([...others, own, 'greenroom-shell-/chat/-v0']);
  await send('activate', {});
  assert.deepEqual([...world.caches], [...others, own]);
});
