import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { clientAddresses } from '../../src/transport/client-address.ts';
import { SocketCounts } from '../../src/transport/socket-count.ts';
import { rawOnce, rawRequest, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer } from '../support/server.ts';

async function setUp(env: Record<string, string>) {
  const server = await startServer(env);
  const users = new Map<string, string>();
  const cookieFor = async (user: string) => {
    const cookie = users.get(user) ?? (await server.cookieFor(user));
    users.set(user, cookie);
    return cookie;
  };
  const sockets: Socket[] = [];
  const upgrade = async (user: string, forwarded = '') => {
    const answer = await rawRequest(server.origin, '/chat/ws', {
      ...UPGRADE_HEADERS,
      Origin: server.origin,
      Cookie: await cookieFor(user),
      ...(forwarded === '' ? {} : { 'X-Forwarded-For': forwarded }),
    });
    sockets.push(answer.socket);
    return answer;
  };
  const dispose = async () => {
    // They answer no close frame: both ends would wait for it, and this process with them.
    for (const socket of sockets) socket.destroy();
    await server.stop();
  };
  return { server, cookieFor, upgrade, [Symbol.asyncDispose]: dispose };
}

test('[R31] [DO9] sockets are capped per address, whoever’s they are, and room that is freed is given again', async () => {
  await using at = await setUp({
    CHAT_MAX_SOCKETS_PER_ADDRESS: '2',
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
  });
  const [one, two] = [
    await at.upgrade('alice', '198.51.100.1'),
    await at.upgrade('bob', '198.51.100.1'),
  ];
  assert.deepEqual([one.status, two.status], [101, 101]);
  const refused = await at.upgrade('carol', '198.51.100.1');
  assert.equal(refused.status, 503);
  assert.match(refused.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal(JSON.parse(refused.body).fault, 'sockets.tooMany');
  const elsewhere = await at.upgrade('carol', '198.51.100.2');
  assert.equal(elsewhere.status, 101);
  one.socket.destroy();
  await until(async () => (await at.upgrade('carol', '198.51.100.1')).status === 101);
});

test('[R31] [DO9] a peer that is not trusted cannot choose its address', async () => {
  await using at = await setUp({
    CHAT_MAX_SOCKETS_PER_ADDRESS: '2',
    CHAT_TRUSTED_PROXIES: '10.0.0.0/8',
  });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await at.upgrade('alice', `198.51.100.${i}`)).status);
  assert.deepEqual(statuses, [101, 101, 503, 503]);
});

test('[R31] [DO9] all of an IPv6 /64 is one address', async () => {
  await using at = await setUp({
    CHAT_MAX_SOCKETS_PER_ADDRESS: '2',
    CHAT_TRUSTED_PROXIES: '127.0.0.1',
  });
  const statuses = [];
  for (const last of ['1:1::1', '1:2::2', '1:ffff::', '2::1'])
    statuses.push((await at.upgrade('alice', `2001:db8:0:${last}`)).status);
  assert.deepEqual(statuses, [101, 101, 503, 101]);
});

test('[R31] [AG6] a stream of POST /chat/agui counts for its address, until it ends', async () => {
  await using at = await setUp({ CHAT_MAX_SOCKETS_PER_ADDRESS: '1' });
  const socket = await at.upgrade('alice');
  assert.equal(socket.status, 101);
  const ask = async () => {
    const messages = [{ id: 'u', role: 'user', content: 'error' }];
    const response = await fetch(`${at.server.origin}/chat/agui`, {
      method: 'POST',
      headers: { Cookie: await at.cookieFor('bob'), 'Content-Type': 'application/json' },
      body: JSON.stringify({
        threadId: 't',
        runId: `r${Math.random()}`.replace('.', ''),
        messages,
      }),
    });
    return { status: response.status, text: await response.text() };
  };
  assert.deepEqual([(await ask()).status], [503]);
  socket.socket.destroy();
  await until(async () => (await ask()).status === 200);
  await until(async () => (await ask()).status === 200);
});

test('[R31] [DO9] refused upgrades leave nothing counted', async () => {
  await using at = await setUp({ CHAT_MAX_SOCKETS_PER_ADDRESS: '1' });
  for (let i = 0; i < 5; i++) {
    const none = { ...UPGRADE_HEADERS, Origin: at.server.origin };
    await until(async () => (await rawOnce(at.server.origin, '/chat/ws', none)).status === 401);
  }
  await until(async () => (await at.upgrade('alice')).status === 101);
});

test('[R31] [DO9] unset, a thousand are the most of one address, and loopback has no cap', () => {
  const counts = new SocketCounts({
    addresses: clientAddresses([]),
    maxSocketsPerUser: 1,
    maxSocketsPerAddress: null,
  });
  const from = (remoteAddress: string) =>
    counts.addFrom(
      { socket: { remoteAddress }, headers: {} } as unknown as IncomingMessage,
      new EventEmitter(),
    );
  for (let i = 0; i < 1_000; i++) assert.ok(from('198.51.100.1'));
  assert.equal(from('198.51.100.1'), false);
  for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    for (let i = 0; i < 1_500; i++) assert.ok(from(own));
});

/** A socket's end is heard a moment after it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('it did not come to that');
}
