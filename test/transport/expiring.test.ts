import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { startServer } from '../support/server.ts';

const server = await startServer();
after(() => server.stop());

async function greeted(ttlMs: number): Promise<TestClient> {
  const cookie = await server.cookieFor('alice', ttlMs);
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  await client.hello();
  await client.direct('pending');
  return client;
}

test('[DO8] a page that comes when its sign-in is about to end is told at its hello, and at the next', async () => {
  const client = await greeted(60_000);
  const { inMs } = await client.direct('expiring');
  assert.ok(inMs > 0 && inMs <= 60_000, String(inMs));
  const from = client.frames.length;
  await client.hello();
  await client.direct('expiring', from);
  await client.close();
});

test('[DO8] a page whose sign-in has long to go is not warned', async () => {
  const client = await greeted(600_000);
  assert.ok(!client.frames.some((frame) => 'type' in frame && frame.type === 'expiring'));
  await client.close();
});
