import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createLog } from '../../src/telemetry/log.ts';
import { clientAddresses } from '../../src/transport/client-address.ts';
import { RefusalLog } from '../../src/transport/refusal-log.ts';
import { rawOnce, UPGRADE_HEADERS } from '../support/raw.ts';
import { startServer } from '../support/server.ts';

interface Line {
  readonly audit?: string;
  readonly why?: string;
  readonly address?: string;
  readonly more?: number;
}

function capture() {
  const texts: string[] = [];
  const log = createLog('info', { write: (text: string) => void texts.push(text) });
  const audited = () =>
    texts.map((text) => JSON.parse(text) as Line).filter(({ audit }) => audit === 'refused');
  return { log, texts, audited };
}

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { log, audited } = capture();
  const counted: string[] = [];
  const refusals = new RefusalLog(log, clientAddresses([]), (why) => counted.push(why));
  const from = (remoteAddress: string) =>
    ({ socket: { remoteAddress }, headers: {} }) as unknown as IncomingMessage;
  return { refusals, from, audited, counted, minute: () => t.mock.timers.tick(60_000) };
}

test('[R42] the first refusal of an address is logged, the rest of its minute counted', (t) => {
  const { refusals, from, audited, counted, minute } = setUp(t);
  for (let i = 0; i < 50; i++) refusals.note(from('198.51.100.1'), 'origin.refused');
  refusals.note(from('198.51.100.2'), 'origin.refused');
  refusals.note(from('198.51.100.1'), 'auth.edgeUser');
  refusals.note(from('198.51.100.1'), 'auth.required');
  assert.equal(counted.length, 53, 'metrics hear of every one');
  assert.deepEqual(
    audited().map(({ why, address, more }) => [why, address, more]),
    [
      ['origin.refused', '198.51.100.1', undefined],
      ['origin.refused', '198.51.100.2', undefined],
      ['auth.edgeUser', '198.51.100.1', undefined],
    ],
  );
  minute();
  assert.deepEqual(
    audited()
      .slice(3)
      .map(({ address, more }) => [address, more]),
    [['198.51.100.1', 49]],
  );
  // Quiet for a minute, it is new again.
  minute();
  refusals.note(from('198.51.100.1'), 'origin.refused');
  assert.equal(audited().length, 5);
  minute();
});

test('[R42] a flood from everywhere is a thousand lines a minute and one number', (t) => {
  const { refusals, from, audited, minute } = setUp(t);
  for (let i = 0; i < 3_000; i++)
    refusals.note(from(`198.51.${i >> 8}.${i & 255}`), 'origin.refused');
  assert.equal(audited().length, 1_001);
  assert.equal(audited().at(-1)?.address, 'others');
  minute();
  assert.deepEqual([audited().length, audited().at(-1)?.more], [1_002, 1_999]);
  minute();
  minute();
});

test('[R42] [R44] refused upgrades and requests are in the audit log, without what they carried', async () => {
  const { log, texts, audited } = capture();
  const secret = 'CANARY-edge-secret-1';
  const server = await startServer({ FORWARD_AUTH_SECRET: secret }, { log });
  const cookie = await server.cookieFor('alice');
  const given = { ...UPGRADE_HEADERS, Cookie: cookie };
  await rawOnce(server.origin, '/chat/ws', { ...given, Origin: 'https://CANARY.example' });
  const edge = { 'X-Forwarded-User': 'CANARY-user', 'X-Forward-Auth-Secret': secret };
  await rawOnce(server.origin, '/chat/ws', { ...given, Origin: server.origin, ...edge });
  await rawOnce(server.origin, '/chat/auth/verify', { 'X-Forward-Auth-Secret': 'CANARY-wrong' });
  await rawOnce(server.origin, '/chat/logout', { Origin: 'https://CANARY.example' }, 'POST');
  assert.deepEqual(
    audited().map(({ why }) => why),
    ['origin.refused', 'auth.edgeUser', 'auth.edgeSecret'],
  );
  assert.ok(audited().every(({ address }) => address === '127.0.0.1'));
  assert.doesNotMatch(texts.join(''), /CANARY/);
  assert.ok(!texts.join('').includes(cookie.slice(10, 50)));
  await server.stop();
});
