import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EdgeWord } from '../../src/transport/auth/edge-word.ts';
import { TestClient } from '../support/client.ts';
import { rawRequest, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SECRET = 'an-edge-secret-for-tests';
const PROOF = { 'X-Forward-Auth-Secret': SECRET };

describe('[R44] [DO7] what an edge says of a request’s user', { timeout: 30_000 }, () => {
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer({ FORWARD_AUTH_SECRET: SECRET });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const me = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.origin}/chat/api/me`, {
      headers: { Cookie: cookie, ...headers },
    });
    return [response.status, ((await response.json()) as { fault?: string }).fault];
  };

  test('makes nobody known without a cookie', async () => {
    const spoofed = { Cookie: '', ...PROOF, 'X-Forwarded-User': 'alice' };
    assert.deepEqual(await me(spoofed), [401, 'auth.required']);
  });

  test('must be who the cookie says', async () => {
    assert.deepEqual(await me({ 'X-Forwarded-User': 'alice' }), [200, undefined]);
    assert.deepEqual(await me({ ...PROOF, 'X-Forwarded-User': 'alice' }), [200, undefined]);
    for (const named of ['root', '', 'Alice', '{http.reverse_proxy.header.X-Forwarded-User}'])
      assert.deepEqual(await me({ 'X-Forwarded-User': named }), [403, 'auth.edgeUser'], named);
  });

  test('must be there where the edge proves itself: a client had it dropped on its way', async () => {
    assert.deepEqual(await me(PROOF), [403, 'auth.edgeUser']);
    assert.deepEqual(await me({}), [200, undefined], 'past the edge, on this machine');
    assert.deepEqual(await me({ X_Forwarded_User: 'root' }), [200, undefined], 'another header');
  });

  test('holds for the upgrade too, and before it', async () => {
    const own = { ...UPGRADE_HEADERS, Cookie: cookie, Origin: server.origin };
    const open = async (headers: Record<string, string>) => {
      const { status, socket } = await rawRequest(server.origin, '/chat/ws', {
        ...own,
        ...headers,
      });
      socket.destroy();
      return status;
    };
    assert.equal(await open({ 'X-Forwarded-User': 'root' }), 403);
    assert.equal(await open(PROOF), 403);
    assert.equal(await open({ ...PROOF, 'X-Forwarded-User': 'alice' }), 101);
    const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
    await client.close();
  });

  test('is nothing the edge is asked for when it asks who that is', async () => {
    const url = `${server.origin}/chat/auth/verify`;
    const asked = await fetch(url, { headers: { Cookie: cookie, ...PROOF } });
    assert.deepEqual([asked.status, asked.headers.get('x-forwarded-user')], [200, 'alice']);
  });
});

test('[R44] without a secret there is no edge, and the header means nothing', () => {
  const word = new EdgeWord(null);
  assert.ok(word.confirms({ 'x-forwarded-user': 'root' }, 'alice'));
  assert.ok(word.mayBeEdge({}));
});
