import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { createHttpServer } from '../../src/transport/http.ts';
import type { Door } from '../../src/transport/websocket.ts';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer();
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  rawOnce(server.origin, path, headers, method);

test('a page load without a sign-in goes to the login; all else is 401', async () => {
  const page = await get('/chat/', { 'Sec-Fetch-Dest': 'document' });
  assert.deepEqual([page.status, page.headers.location], [302, '/chat/login']);
  assert.equal((await get('/chat/', { Accept: 'text/html' })).status, 302);
  assert.equal(
    (await get('/chat/', { Accept: 'text/html', 'Sec-Fetch-Dest': 'empty' })).status,
    401,
  );
  assert.equal((await get('/chat/')).status, 401);
  assert.equal((await get('/chat/api/me')).status, 401);
});

test('/chat goes to /chat/ for good', async () => {
  const answer = await get('/chat');
  assert.deepEqual([answer.status, answer.headers.location], [308, '/chat/']);
});

test('[R41] a path that is not exactly a route’s is 404, and sends nobody anywhere', async () => {
  for (const path of [
    '/',
    '/chatty',
    '/chat/login/',
    '/chat/loginx',
    '/chat/x/../login',
    '//evil.example/chat',
    '/chat//login',
    '/chat/%6cogin',
    '/chat/../etc/passwd',
    '/chat/assets/../index.html',
    '/chat/assets/%2e%2e/index.html',
    '/chat/constructor',
    '/__proto__',
  ]) {
    const answer = await get(path, { Cookie: cookie });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.location, undefined);
  }
});

test('GET routes also answer HEAD, without a body', async () => {
  const answer = await get('/healthz', {}, 'HEAD');
  assert.equal(answer.status, 200);
  assert.equal(answer.body, '');
});

test('[R60] /healthz tells only that the process lives', async () => {
  for (const path of ['/healthz', '/health'])
    assert.deepEqual(JSON.parse((await get(path)).body), { status: 'ok' });
});

test('[SB1] /readyz names store, agent, sandbox and draining', async () => {
  const answer = await get('/readyz');
  assert.equal(answer.status, 200);
  const { ready, draining, store, agent, sandbox } = JSON.parse(answer.body) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    { ready, draining, store, agent, sandbox },
    {
      ready: true,
      draining: false,
      store: 'ok',
      agent: 'demo',
      sandbox: 'none',
    },
  );
});

test('[R58] every kind of answer carries the security headers, refused upgrades too; HSTS exactly under https', async (t) => {
  const https = await startServer({ CHAT_PUBLIC_URL: 'https://chat.example.org' });
  t.after(() => https.stop());
  const secured = `__Host-${await https.cookieFor('alice')}`;
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`X-${i}`, 'a']));
  for (const at of [server, https]) {
    const isSecure = at === https;
    const own = { Cookie: isSecure ? secured : cookie };
    const origin = isSecure ? 'https://chat.example.org' : server.origin;
    const upgrade = { ...UPGRADE_HEADERS, Origin: origin };
    const page = await rawOnce(at.origin, '/chat/', own);
    const seen = new Set<number>();
    for (const [path, headers, method, status] of [
      ['/healthz', {}, 'GET', 200],
      ['/readyz', {}, 'HEAD', 200],
      ['/chat', {}, 'GET', 308],
      ['/chat/', own, 'GET', 200],
      ['/chat/', { ...own, 'If-None-Match': page.headers.etag ?? '' }, 'GET', 304],
      ['/chat/', { Accept: 'text/html' }, 'GET', 302],
      ['/chat/api/me', own, 'GET', 200],
      ['/chat/api/me', {}, 'GET', 401],
      ['/chat/login', {}, 'GET', 200],
      ['/chat/login?code=wrong', {}, 'GET', 403],
      ['/chat/oauth/callback', {}, 'GET', 302],
      ['/chat/auth/verify', {}, 'GET', 401],
      ['/chat/logout', { Origin: origin }, 'POST', 303],
      ['/chat/agui', { 'Content-Type': 'text/plain' }, 'POST', 400],
      ['/chat/agui', { Origin: 'null' }, 'POST', 403],
      ['/chat/login', {}, 'DELETE', 405],
      ['/chat/ws', own, 'GET', 426],
      ['/chat/ws', many, 'GET', 431],
      ['/chat/ws', upgrade, 'GET', 401],
      ['/chat/ws', { ...upgrade, Origin: 'null' }, 'GET', 403],
      ['/nowhere', {}, 'GET', 404],
    ] as const) {
      const answer = await rawOnce(at.origin, path, headers, method);
      assert.equal(answer.status, status, `${method} ${path}`);
      seen.add(status);
      const told = (name: string) => answer.headers[name] ?? '';
      assert.equal(told('x-content-type-options'), 'nosniff', path);
      assert.equal(told('referrer-policy'), 'same-origin', path);
      assert.equal(told('cross-origin-opener-policy'), 'same-origin', path);
      assert.equal(told('cross-origin-resource-policy'), 'same-origin', path);
      assert.match(told('permissions-policy'), /clipboard-write=\(self\).*camera=\(\)/, path);
      assert.match(told('content-security-policy'), /default-src 'none'/, path);
      assert.match(told('content-security-policy'), /frame-ancestors 'none'/, path);
      assert.doesNotMatch(told('content-security-policy'), /unsafe/, path);
      assert.equal(told('strict-transport-security'), isSecure ? 'max-age=31536000' : '', path);
    }
    assert.ok(seen.size >= 12);
  }
});

test('[R58] the page and the login have a strict policy', async () => {
  const page = await get('/chat/', { Cookie: cookie });
  assert.match(page.headers['content-security-policy'] ?? '', /default-src 'none'/);
  assert.doesNotMatch(page.headers['content-security-policy'] ?? '', /unsafe/);
  const login = await get('/chat/login');
  assert.doesNotMatch(login.headers['content-security-policy'] ?? '', /unsafe|script-src/);
});

test('[R42] logout from a foreign page is refused, and signs nobody out', async () => {
  for (const Origin of ['https://evil.example', 'null']) {
    const answer = await get('/chat/logout', { Cookie: cookie, Origin }, 'POST');
    assert.equal(answer.status, 403);
  }
  assert.equal((await get('/chat/api/me', { Cookie: cookie })).status, 200);
});

test('[R32] logout clears the cookie with the attributes it was set with', async () => {
  const own = await server.cookieFor('alice');
  const answer = await get('/chat/logout', { Cookie: own, Origin: server.origin }, 'POST');
  assert.equal(answer.status, 303);
  assert.equal(
    answer.headers['set-cookie'],
    'greenroom=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
  );
  assert.equal((await get('/chat/api/me', { Cookie: own })).status, 401);
});

test('[R35] a sign-in link works once, and each makes another id', async () => {
  const cookies = [];
  for (const _ of [1, 2]) {
    const { pathname, search } = new URL(server.signInUrl());
    const first = await get(pathname + search);
    assert.deepEqual([first.status, first.headers.location], [303, '/chat/']);
    cookies.push(first.headers['set-cookie']);
    assert.equal((await get(pathname + search)).status, 403);
  }
  assert.notEqual(cookies[0], cookies[1]);
});

test('[R55] aborting another user’s run, or one that is none, is the same 404', async () => {
  const answers = [];
  for (const id of ['nobodys', '..', '%2e%2e', '__proto__'])
    answers.push(await get(`/chat/api/runs/${id}/abort`, { Cookie: cookie }, 'POST'));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([404]));
  assert.deepEqual(new Set(answers.map(({ body }) => body)).size, 1);
});

test('[R47] headers that do not come to an end are given up, with the first look after 5 s', async () => {
  const http = createHttpServer(
    { basePath: '/chat', routes: {}, outside: {}, secure: false, maxSockets: 10 },
    {} as Door,
    createLog('silent'),
  );
  assert.equal(http.headersTimeout, 5_000);
  assert.ok(http.requestTimeout > 0);
  const { hostname, port } = new URL(server.origin);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  socket.write('GET /chat/ws HTTP/1.1\r\nHost: x\r\n');
  const given = await new Promise<boolean>((resolve) => {
    // Node's own default looks every 30 s only.
    const timer = setTimeout(() => resolve(true), 12_000);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
    socket.resume();
  });
  socket.destroy();
  assert.equal(given, false);
});
