/** Images over HTTP, and what of them a prompt may name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { UploadView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { GIF, JPEG, PNG, WEBP } from '../support/images.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MAX = 5 * 1024 * 1024;
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer();
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const bring = (body: Buffer, type: string, as = cookie, headers: Record<string, string> = {}) =>
  fetch(`${server.origin}/chat/api/uploads`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { Cookie: as, 'Content-Type': type, ...headers },
  });
const show = (url: string, as = cookie, headers: Record<string, string> = {}) =>
  fetch(`${server.origin}${url}`, { headers: { Cookie: as, ...headers } });
const viewOf = async (answer: Response) => (await answer.json()) as UploadView;
const faultOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { fault: string }).fault,
];
const pngOf = (bytes: number, filling = 0) => {
  const png = Buffer.alloc(bytes, filling);
  PNG.copy(png);
  return png;
};
const part = (url: string) => ({ type: 'image', source: { type: 'url', value: url } });

test('[IM1] [IM2] an image is taken, and shown to its user alone', async () => {
  const types = { 'image/png': PNG, 'image/jpeg': JPEG, 'image/gif': GIF, 'image/webp': WEBP };
  for (const [type, bytes] of Object.entries(types)) {
    const answer = await bring(bytes, type);
    assert.equal(answer.status, 201, type);
    const view = await viewOf(answer);
    assert.deepEqual(view, { ...view, mimeType: type, bytes: bytes.length });
    assert.deepEqual(await viewOf(await bring(bytes, type)), view, 'the same again is the same');
    const shown = await show(view.url);
    assert.deepEqual(Buffer.from(await shown.arrayBuffer()), bytes);
    const header = (name: string) => shown.headers.get(name);
    assert.deepEqual([header('content-type'), header('x-content-type-options')], [type, 'nosniff']);
    assert.equal(header('content-security-policy'), "sandbox; default-src 'none'");
    assert.match(header('cache-control') ?? '', /^private, .*immutable/);
    const again = await show(view.url, cookie, { 'If-None-Match': header('etag') ?? '' });
    assert.equal(again.status, 304);
    const bob = await server.cookieFor('bob');
    assert.deepEqual(await faultOf(await show(view.url, bob)), [404, 'upload.unknown']);
    assert.equal((await show(view.url, '')).status, 401);
    const own = await viewOf(await bring(bytes, type, bob));
    assert.notEqual(own.id, view.id, 'an id tells nothing of what others have');
  }
});

test('[IM1] what is no image of these, too large, or of another origin is refused', async () => {
  const refused: [Response, number, string][] = [
    [await bring(PNG, 'image/jpeg'), 415, 'upload.unsupported'],
    [await bring(Buffer.from('<svg/>'), 'image/svg+xml'), 415, 'upload.unsupported'],
    [await bring(Buffer.from('no image'), 'image/png'), 415, 'upload.unsupported'],
    [await bring(Buffer.alloc(0), 'image/png'), 415, 'upload.unsupported'],
    [await bring(pngOf(MAX + 1), 'image/png'), 413, 'upload.tooLarge'],
    [
      await bring(PNG, 'image/png', cookie, { Origin: 'https://evil.example' }),
      403,
      'origin.refused',
    ],
    [await show('/chat/api/uploads/none'), 404, 'upload.unknown'],
  ];
  for (const [answer, status, fault] of refused)
    assert.deepEqual(await faultOf(answer), [status, fault]);
  assert.equal((await bring(PNG, 'image/png', '')).status, 401);
});

test('[IM1] 20 MiB of images may wait; what a prompt names waits no more', async () => {
  const carol = await server.cookieFor('carol');
  const urls: string[] = [];
  for (const filling of [1, 2, 3, 4])
    urls.push((await viewOf(await bring(pngOf(MAX, filling), 'image/png', carol))).url);
  assert.deepEqual(await faultOf(await bring(PNG, 'image/png', carol)), [429, 'upload.tooMany']);
  const client = await TestClient.open(server.webSocketUrl, server.origin, carol);
  const threadId = await client.hello();
  const send = (runId: string, parts: unknown[]) =>
    client.send({ threadId, runId, messages: [{ id: 'u', role: 'user', content: parts }] });
  send('c1', urls.map(part));
  assert.equal((await client.runEnded('c1')).type, 'RUN_FINISHED');
  const { url } = await viewOf(await bring(PNG, 'image/png', carol));
  send('c2', [...urls, url].map(part));
  const reply = await client.find(
    (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'c2',
  );
  assert.equal('fault' in reply && reply.fault, 'prompt.tooManyImages');
  await client.close();
});

test('[IM3] a prompt that names another’s image, or none there is, is refused and costs nothing', async () => {
  const dan = await server.cookieFor('dan');
  const client = await TestClient.open(server.webSocketUrl, server.origin, dan);
  const threadId = await client.hello();
  const { url } = await viewOf(await bring(PNG, 'image/png'));
  for (const [runId, value] of [
    ['d1', url],
    ['d2', '/chat/api/uploads/none'],
  ] as const) {
    client.send({ threadId, runId, messages: [{ role: 'user', content: [part(value)] }] });
    const reply = await client.find(
      (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === runId,
    );
    assert.equal('fault' in reply && reply.fault, 'upload.unknown');
  }
  const me = await fetch(`${server.origin}/chat/api/me`, { headers: { Cookie: dan } });
  const { limits } = (await me.json()) as { limits: { hour: { used: number } } };
  assert.equal(limits.hour.used, 0);
  await client.close();
});

test('[IM6] while an approval waits, an image is not taken for its answer', async () => {
  const erin = await server.cookieFor('erin');
  const client = await TestClient.open(server.webSocketUrl, server.origin, erin);
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, 'tool please'));
  const { url } = await viewOf(await bring(PNG, 'image/png', erin));
  client.send({ threadId, runId: 'e1', messages: [{ role: 'user', content: [part(url)] }] });
  const reply = await client.find(
    (frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'e1',
  );
  assert.equal('fault' in reply && reply.fault, 'approval.first');
  assert.equal((await show(url, erin)).status, 200, 'it can be sent with another prompt');
  await client.close();
});

test('[IM7] with CHAT_IMAGES=off none is offered or taken', async () => {
  const other = await startServer({ CHAT_IMAGES: 'off' });
  const as = await other.cookieFor('amy');
  const client = await TestClient.open(other.webSocketUrl, other.origin, as);
  await client.hello();
  assert.equal((await client.direct('welcome')).offers.images, null);
  const answer = await fetch(`${other.origin}/chat/api/uploads`, {
    method: 'POST',
    body: new Uint8Array(PNG),
    headers: { Cookie: as, 'Content-Type': 'image/png' },
  });
  assert.deepEqual(await faultOf(answer), [415, 'upload.unsupported']);
  await client.close();
  await other.stop();
  const here = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await here.hello();
  assert.deepEqual((await here.direct('welcome')).offers.images, {
    types: ['image/png', 'image/jpeg', 'image/gif', 'image/webp'],
    maxBytes: MAX,
    maxPerPrompt: 20,
  });
  await here.close();
});
