import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sign } from 'cookie-signature';
import { WebSocket } from 'ws';
import { TestClient } from '../support/client.ts';
import { heldStore } from '../support/held-store.ts';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

const KEYS = ['first-key-first-key-first-key-first', 'second-key-second-key-second-key-2'];
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({ CHAT_COOKIE_SECRETS: KEYS.join(',') });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const upgrade = (headers: Record<string, string>, target = '/chat/ws') =>
  rawOnce(server.origin, target, { ...UPGRADE_HEADERS, Origin: server.origin, ...headers });

test('a valid sign-in and an allowed Origin are let in', async () => {
  const answer = await upgrade({ Cookie: cookie });
  assert.equal(answer.status, 101);
  assert.equal(answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('[R33] no, a cut, a tampered or a foreign cookie is 401 before the upgrade', async () => {
  const value = cookie.slice('greenroom='.length);
  const [id = ''] = value.split('.');
  for (const bad of [
    '',
    'greenroom=',
    `greenroom=${value.slice(0, -1)}`,
    `greenroom=${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`,
    `greenroom=${sign(id, 'some-other-key-some-other-key-some')}`,
    `greenroom=${sign('x'.repeat(43), KEYS[0] ?? '')}`,
    `__Host-greenroom=${value}`,
  ]) {
    const answer = await upgrade({ Cookie: bad });
    assert.equal(answer.status, 401, bad);
    assert.equal((JSON.parse(answer.body) as { fault: string }).fault, 'auth.required');
  }
});

test('[R34] a cookie that the second key signed is let in', async () => {
  const [id = ''] = cookie.slice('greenroom='.length).split('.');
  assert.equal((await upgrade({ Cookie: `greenroom=${sign(id, KEYS[1] ?? '')}` })).status, 101);
});

test('[R42] a foreign, missing or null Origin is 403 before the upgrade, whoever asks', async () => {
  const { port } = new URL(server.origin);
  for (const origin of [
    'https://evil.example',
    'null',
    '',
    `http://127.0.0.1.evil.example:${port}`,
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1:${Number(port) + 1}`,
    'http://127.0.0.1',
    `${server.origin}/`,
    `${server.origin}, ${server.origin}`,
  ])
    for (const extra of [{}, { Cookie: cookie }])
      assert.equal((await upgrade({ Origin: origin, ...extra })).status, 403, origin);
  const { Origin: _, ...none } = { ...UPGRADE_HEADERS, Origin: '', Cookie: cookie };
  assert.equal((await rawOnce(server.origin, '/chat/ws', none)).status, 403);
});

test('[R42] this machine’s own names are allowed with the port', async () => {
  const { port } = new URL(server.origin);
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const answer = await upgrade({ Origin: `http://${host}:${port}`, Cookie: cookie });
    assert.equal(answer.status, 101, host);
  }
});

test('[R46] only the exact raw path upgrades', async () => {
  for (const target of [
    '/chat/WS',
    '/chat/ws/',
    '//chat/ws',
    '/chat//ws',
    '/chat/%77s',
    '/chat/x/../ws',
    '/chat/ws%3f',
    '/chat/ws;x',
    '/CHAT/ws',
    '/ws',
    'http://127.0.0.1/chat/ws',
  ]) {
    const answer = await upgrade({ Cookie: cookie }, target);
    assert.notEqual(answer.status, 101, target);
    assert.equal(answer.status, 404, target);
  }
  assert.equal((await upgrade({ Cookie: cookie }, '/chat/ws?x=1')).status, 101);
});

test('the path of the WebSocket without an upgrade is 426', async () => {
  const answer = await rawOnce(server.origin, '/chat/ws', { Cookie: cookie });
  assert.equal(answer.status, 426);
  assert.equal(answer.headers.upgrade, 'websocket');
});

test('an upgrade that is no WebSocket handshake is refused', async () => {
  const { 'Sec-WebSocket-Key': _, ...keyless } = UPGRADE_HEADERS;
  const given = { Origin: server.origin, Cookie: cookie };
  assert.equal((await rawOnce(server.origin, '/chat/ws', { ...keyless, ...given })).status, 400);
  assert.equal((await upgrade({ Cookie: cookie, Upgrade: 'h2c' })).status, 400);
  assert.equal((await upgrade({ Cookie: cookie, 'Sec-WebSocket-Version': '9' })).status, 400);
});

test('[R46] compression is not negotiated, and the subprotocol is agui.v1 or none', async () => {
  const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
  const plain = await upgrade({ Cookie: cookie, ...offer });
  assert.equal(plain.status, 101);
  assert.equal(plain.headers['sec-websocket-extensions'], undefined);
  assert.equal(plain.headers['sec-websocket-protocol'], undefined);
  const named = await upgrade({ Cookie: cookie, 'Sec-WebSocket-Protocol': 'x, agui.v1' });
  assert.equal(named.headers['sec-websocket-protocol'], 'agui.v1');
});

test('no header of a request reaches an answer', async () => {
  const answer = await upgrade({ Origin: 'https://evil.example', 'X-Forwarded-User': 'root' });
  assert.doesNotMatch(JSON.stringify(answer), /evil|root/);
});

test('[R31] sockets are capped per user and in all, and room that is freed is given again', async () => {
  const small = await startServer({ CHAT_MAX_SOCKETS: '3', CHAT_MAX_SOCKETS_PER_USER: '2' });
  const open = async (user: string) =>
    TestClient.open(small.webSocketUrl, small.origin, await small.cookieFor(user));
  const [one, two] = [await open('alice'), await open('alice')];
  await assert.rejects(open('alice'), /refused: 503/);
  const bobs = await open('bob');
  await assert.rejects(open('carol'), /refused: 503/);
  await Promise.all([one.close(), two.close()]);
  const again = await open('alice');
  await Promise.all([again.close(), bobs.close()]);
  await small.stop();
});

test('[R36] an open socket is closed with 4401 when its sign-in ends', async () => {
  const client = await TestClient.open(
    server.webSocketUrl,
    server.origin,
    await server.cookieFor('alice', 400),
  );
  await client.hello();
  assert.equal((await client.closed).code, 4401);
});

test('[R36] a cookie whose sign-in has ended is refused', async () => {
  const short = await server.cookieFor('alice', 1);
  const client = await TestClient.open(server.webSocketUrl, server.origin, short).catch(() => null);
  await client?.closed;
  assert.equal((await upgrade({ Cookie: short })).status, 401);
});

test('[R36] a prompt uses the sign-in: it outlives its first end', async () => {
  const ttlMs = 4_000;
  const short = await startServer({ CHAT_SESSION_TTL_MS: String(ttlMs) });
  const { headers } = await fetch(short.signInUrl(), { redirect: 'manual' });
  const firstEnd = Date.now() + ttlMs;
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
  const client = await TestClient.open(short.webSocketUrl, short.origin, cookie);
  const threadId = await client.hello();
  // Its words come 250 ms apart, for longer than the sign-in lasts without use.
  const runId = client.prompt(threadId, 'slow, please');
  const texts = () => client.events.filter(({ type }) => type === 'TEXT_MESSAGE_CONTENT').length;
  await client.find(() => texts() > 4);
  client.prompt(threadId, 'error, behind it');
  await client.runEnded(runId);
  assert.ok(Date.now() > firstEnd);
  assert.equal(client.socket.readyState, WebSocket.OPEN);
  await client.close();
  await short.stop();
});

test('[R23] while the server drains an upgrade is 503 with Retry-After, and sockets end with 1012', async () => {
  const held = heldStore();
  const leaving = await startServer({}, { store: held.store });
  const own = await leaving.cookieFor('alice');
  const client = await TestClient.open(leaving.webSocketUrl, leaving.origin, own);
  const threadId = await client.hello(randomUUID());
  client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  const stopped = leaving.stop();
  const answer = await rawOnce(leaving.origin, '/chat/ws', {
    ...UPGRADE_HEADERS,
    Origin: leaving.origin,
    Cookie: own,
  });
  assert.equal(answer.status, 503);
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal((await client.closed).code, 1012);
  await stopped;
});
