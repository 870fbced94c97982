import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SECRET = 'edge-and-server-know-this';

// The contract of the replaced server's /chat/auth/verify, which the edge's forward_auth and the voice bridge use.
describe('what the voice bridge asks', { timeout: 30_000 }, () => {
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer({ FORWARD_AUTH_SECRET: SECRET });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const verify = (headers: Record<string, string>, method = 'GET') =>
    rawOnce(server.origin, '/chat/auth/verify', headers, method);
  const edge = { 'X-Forward-Auth-Secret': SECRET };

  // As a browser asks for a page, a script, and a WebSocket; as the bridge asks for its own.
  const requests: readonly [string, Record<string, string>, number][] = [
    ['a page', { 'Sec-Fetch-Dest': 'document', Accept: 'text/html' }, 302],
    ['a script', { 'Sec-Fetch-Dest': 'empty', Accept: '*/*' }, 401],
    ['a WebSocket', { ...UPGRADE_HEADERS, 'Sec-Fetch-Dest': 'websocket' }, 401],
    [
      'a WebSocket that says it is a page',
      { ...UPGRADE_HEADERS, 'Sec-Fetch-Dest': 'document' },
      401,
    ],
    ['a program', {}, 401],
  ];

  test('[CS11] with a sign-in it is 200 and names the user, whatever is asked for', async () => {
    for (const [what, headers] of requests) {
      const answer = await verify({ ...edge, ...headers, Cookie: cookie });
      assert.equal(answer.status, 200, what);
      assert.equal(answer.headers['x-forwarded-user'], 'alice', what);
    }
  });

  test('[CS11] without one it is 302 to the login for a page, and 401 for all else', async () => {
    for (const stale of [{}, { Cookie: `${cookie}x` }, { Cookie: 'disinto_chat_session=abc' }])
      for (const [what, headers, status] of requests) {
        const answer = await verify({ ...edge, ...headers, ...stale });
        assert.equal(answer.status, status, what);
        assert.equal(answer.headers.location, status === 302 ? '/chat/login' : undefined, what);
        assert.equal(answer.headers['x-forwarded-user'], undefined, what);
      }
  });

  test('[CS11] with a wrong secret or none it is 403, signed in or not', async () => {
    for (const [what, headers] of requests)
      for (const secret of [{}, { 'X-Forward-Auth-Secret': 'wrong' }])
        for (const who of [{}, { Cookie: cookie }])
          assert.equal((await verify({ ...headers, ...secret, ...who })).status, 403, what);
  });

  test('[CS11] a user the request names itself is not believed', async () => {
    const named = await verify({ ...edge, Cookie: cookie, 'X-Forwarded-User': 'root' });
    assert.equal(named.headers['x-forwarded-user'], 'alice');
    assert.equal((await verify({ ...edge, 'X-Forwarded-User': 'alice' })).status, 401);
  });

  test('[CS11] of several cookies of the name, the valid one counts', async () => {
    const [name = ''] = cookie.split('=');
    const several = `${name}=stale; other=1; ${cookie}`;
    assert.equal((await verify({ ...edge, Cookie: several })).status, 200);
  });

  test('[CS11] the subpath smoke test of the replaced edge passes: its HEAD requests', async () => {
    const head = (path: string, headers = {}) => rawOnce(server.origin, path, headers, 'HEAD');
    for (const path of ['/chat/login', '/chat/oauth/callback']) {
      const { status, body } = await head(path);
      assert.ok(status >= 200 && status < 400, `${path}: ${status}`);
      assert.equal(body, '');
    }
    assert.equal((await head('/chat/auth/verify', edge)).status, 401);
    assert.equal((await verify({ ...edge, Cookie: cookie }, 'HEAD')).status, 200);
    assert.equal((await head('/health')).status, 200);
  });

  test('[CS11] while no secret is set, none is asked for', async () => {
    const open = await startServer();
    try {
      const as = { Cookie: await open.cookieFor('alice') };
      assert.equal((await rawOnce(open.origin, '/chat/auth/verify', as)).status, 200);
      assert.equal((await rawOnce(open.origin, '/chat/auth/verify', {}, 'HEAD')).status, 401);
    } finally {
      await open.stop();
    }
  });
});
