import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('another base path than /chat', { timeout: 30_000 }, () => {
  let server: TestServer;
  let cookie: string;
  before(async () => {
    server = await startServer({ CHAT_BASE_PATH: '/tools/ai.chat' });
    cookie = await server.cookieFor('alice');
  });
  after(() => server.stop());

  const get = (path: string, headers: Record<string, string> = { Cookie: cookie }) =>
    fetch(server.origin + path, { headers, redirect: 'manual' });

  test('the page, its files and its API are there, and nowhere else', async () => {
    const page = await get('/tools/ai.chat/');
    assert.equal(page.status, 200);
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())?.[1];
    assert.equal((await get(`/tools/ai.chat/${script}`)).status, 200);
    assert.equal((await get('/tools/ai.chat/api/me')).status, 200);
    assert.equal((await get('/tools/ai.chat/api/conversations')).status, 200);
    for (const path of ['/chat/', '/chat/api/me', '/', '/tools/', '/tools/ai.chat/healthz'])
      assert.equal((await get(path)).status, 404, path);
    assert.equal((await get('/healthz')).status, 200);
  });

  test('redirects and links stay under it', async () => {
    const page = await get('/tools/ai.chat/', { Accept: 'text/html' });
    assert.deepEqual([page.status, page.headers.get('location')], [302, '/tools/ai.chat/login']);
    assert.equal((await get('/tools/ai.chat')).headers.get('location'), '/tools/ai.chat/');
    assert.ok(server.url.endsWith('/tools/ai.chat/'));
    const link = new URL(server.signInUrl());
    assert.equal(link.pathname, '/tools/ai.chat/login');
    const signedIn = await get(link.pathname + link.search, {});
    assert.equal(signedIn.headers.get('location'), '/tools/ai.chat/');
  });

  test('a WebSocket is opened there, and an answer streams over it', async () => {
    const url = `${server.origin.replace('http', 'ws')}/tools/ai.chat/ws`;
    const client = await TestClient.open(url, server.origin, cookie);
    const thread = await client.hello();
    assert.equal((await client.runEnded(client.prompt(thread, 'hello'))).type, 'RUN_FINISHED');
    await client.close();
    const elsewhere = TestClient.open(server.webSocketUrl, server.origin, cookie);
    await assert.rejects(elsewhere, /refused: 404/);
  });
});
