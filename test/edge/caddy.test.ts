/** Through the real Caddy, with the Caddyfile that is deployed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type BehindCaddy, startBehindCaddy } from '../support/behind-caddy.ts';
import { caddyIsMissing, EDGE_SECRET, type Edge } from '../support/caddy.ts';
import { TestClient } from '../support/client.ts';

describe('behind Caddy', { skip: caddyIsMissing() ?? false, timeout: 60_000 }, () => {
  let stand: BehindCaddy;
  let edge: Edge;
  let cookie: string;
  let webSocketUrl: string;

  before(async () => {
    stand = await startBehindCaddy({ CHAT_MAX_SIGN_IN_ATTEMPTS: '3' });
    edge = stand.edge;
    cookie = await stand.server.cookieFor('alice');
    webSocketUrl = `${edge.origin.replace('http', 'ws')}/chat/ws`;
  });
  after(() => stand.stop());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(edge.origin + path, { headers, redirect: 'manual' });

  test('a WebSocket passes forward_auth, and a whole answer streams over it', async () => {
    const client = await TestClient.open(webSocketUrl, edge.origin, cookie);
    const thread = await client.hello();
    const end = await client.runEnded(client.prompt(thread, 'show markdown'));
    assert.equal(end.type, 'RUN_FINISHED');
    assert.ok(client.text.endsWith('That is all of it.\n'));
    assert.ok(client.kept.length > 20, 'it came in many frames');
    await client.close();
  });

  test('[R42] without a sign-in, or from a foreign page, there is no upgrade', async () => {
    await assert.rejects(TestClient.open(webSocketUrl, edge.origin, ''), /refused: 401/);
    await assert.rejects(
      TestClient.open(webSocketUrl, 'https://evil.example', cookie),
      /refused: 403/,
    );
  });

  test('a page load without a sign-in goes to the login; a request of a program is told 401', async () => {
    const page = await get('/chat/', { 'Sec-Fetch-Dest': 'document' });
    assert.deepEqual([page.status, page.headers.get('location')], [302, '/chat/login']);
    assert.equal((await get('/chat/', { 'Sec-Fetch-Dest': 'empty' })).status, 401);
    assert.equal((await get('/chat/login')).status, 200);
    assert.equal((await get('/chat')).status, 308);
  });

  test('with a sign-in the page and who one is are served', async () => {
    assert.equal((await get('/chat/api/me', { Cookie: cookie })).status, 200);
    const me = await (await get('/chat/api/me', { Cookie: cookie })).json();
    assert.equal((me as { user: string }).user, 'alice');
  });

  test('[R44] a client that names itself is not believed, and health is not exposed', async () => {
    const spoofed = { 'X-Forwarded-User': 'root', 'X-Forward-Auth-Secret': EDGE_SECRET };
    assert.equal((await get('/chat/api/me', spoofed)).status, 401);
    assert.equal((await get('/healthz')).status, 404);
  });

  test('[R31] [DO10] a client that names other addresses is counted for its own', async () => {
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      const spoofed = { 'X-Forwarded-For': `203.0.113.${i}` };
      statuses.push((await get('/chat/login?code=wrong', spoofed)).status);
    }
    assert.deepEqual(statuses, [403, 403, 403, 429, 429]);
  });
});
