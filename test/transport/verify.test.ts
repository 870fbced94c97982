import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SECRET = 'edge-and-server-know-this';
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({ FORWARD_AUTH_SECRET: SECRET });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const verify = (headers: Record<string, string>) =>
  rawOnce(server.origin, '/chat/auth/verify', { 'X-Forward-Auth-Secret': SECRET, ...headers });

test('[R44] verify answers while the request carries Upgrade headers, and names the user', async () => {
  for (const extra of [{}, UPGRADE_HEADERS]) {
    const answer = await verify({ Cookie: cookie, 'X-Forwarded-User': 'root', ...extra });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-forwarded-user'], 'alice');
  }
});

test('[R44] a wrong, empty or missing edge secret is 403, with or without a sign-in', async () => {
  for (const secret of ['', 'wrong', `${SECRET}x`, SECRET.slice(1)])
    for (const extra of [{}, { Cookie: cookie }])
      assert.equal((await verify({ 'X-Forward-Auth-Secret': secret, ...extra })).status, 403);
  assert.equal((await rawOnce(server.origin, '/chat/auth/verify', { Cookie: cookie })).status, 403);
});

test('without a sign-in verify sends a page load to the login and refuses all else', async () => {
  const page = await verify({ 'Sec-Fetch-Dest': 'document' });
  assert.deepEqual([page.status, page.headers.location], [302, '/chat/login']);
  assert.equal((await verify({ Accept: 'text/html,*/*' })).status, 302);
  assert.equal((await verify({ Accept: '*/*' })).status, 401);
  assert.equal((await verify({ 'Sec-Fetch-Dest': 'empty', Accept: 'text/html' })).status, 401);
});

test('verify never redirects a WebSocket', async () => {
  // isPageLoad looks at Accept alone where Sec-Fetch-Dest is absent.
  const answer = await verify({ ...UPGRADE_HEADERS, Accept: 'text/html,*/*' });
  assert.equal(answer.status, 401);
});

test('a look at a sign-in link does not use it up', async () => {
  // HEAD is answered by the GET handler, which redeems the code: a link preview costs the person the link.
  const link = new URL(server.signInUrl());
  const target = link.pathname + link.search;
  const head = await rawOnce(server.origin, target, {}, 'HEAD');
  assert.equal(head.headers['set-cookie'], undefined);
  const first = await rawOnce(server.origin, target);
  assert.equal(first.status, 303);
  assert.equal((await rawOnce(server.origin, target)).status, 403);
});
