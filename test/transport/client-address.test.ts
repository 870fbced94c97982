import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientAddresses } from '../../src/transport/client-address.ts';

function addressOf(peer: string | undefined, forwarded?: string, trusted: string[] = []) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  return clientAddresses(trusted).of(request);
}

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

test('[R31] [DO9] X-Forwarded-For of a peer that is not trusted counts for nothing', () => {
  assert.equal(addressOf('198.51.100.1', '203.0.113.9'), '198.51.100.1');
  assert.equal(addressOf('198.51.100.1', '203.0.113.9', PROXIES), '198.51.100.1');
  assert.equal(addressOf('192.0.2.8', '203.0.113.9', PROXIES), '192.0.2.8');
});

test('[R31] [DO9] of a trusted proxy it is the right-most address that is none', () => {
  for (const [forwarded, expected] of [
    ['203.0.113.9', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['1.1.1.1, 203.0.113.9, 10.9.9.9,192.0.2.7', '203.0.113.9'],
    ['junk, 203.0.113.9', '203.0.113.9'],
    ['10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3::9, fd12::1', '2001:db8:1:2::/64'],
  ])
    for (const peer of ['10.255.0.1', '192.0.2.7', '::ffff:10.0.0.1', 'fd00::1'])
      assert.equal(addressOf(peer, forwarded, PROXIES), expected, `${peer}: ${forwarded}`);
});

test('[R31] [DO9] a header that tells no address leaves the proxy itself', () => {
  for (const forwarded of [
    '',
    ' ',
    ',',
    'unknown',
    '203.0.113.9,',
    '203.0.113.9:443',
    '[2001:db8::1]',
    '203.0.113.999',
    '203.0.113.9, nonsense',
    'nonsense, 10.0.0.3',
    '203.0.113.9 10.0.0.3',
    '0x7f.1',
  ])
    assert.equal(addressOf('10.0.0.1', forwarded, PROXIES), '10.0.0.1', forwarded);
});

test('[R31] [DO9] an IPv6 address counts by its /64, however it is written', () => {
  for (const address of [
    '2001:db8:0:1::',
    '2001:db8:0:1::7',
    '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff',
    '2001:db8:0:1:0:0:203.0.113.9',
    '2001:db8::1:2:3:4:5',
  ])
    assert.equal(addressOf(address), '2001:db8:0:1::/64', address);
  assert.equal(addressOf('2001:db8:0:2::7'), '2001:db8:0:2::/64');
  assert.equal(addressOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(addressOf('::1'), '0:0:0:0::/64');
  assert.equal(addressOf('::ffff:127.0.0.1'), '127.0.0.1');
  assert.equal(addressOf(undefined), 'unknown');
});

test('a proxy on this machine that nobody named is told of once', () => {
  let told = 0;
  const addresses = clientAddresses(['10.0.0.1'], () => told++);
  const from = (peer: string, headers: object) =>
    addresses.of({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };
  from('127.0.0.1', {});
  from('198.51.100.1', forwarded);
  from('10.0.0.1', forwarded);
  assert.equal(told, 0);
  for (let i = 0; i < 3; i++) assert.equal(from('127.0.0.1', forwarded), '127.0.0.1');
  assert.equal(told, 1);
});

test('[R31] [DO9] any two addresses of one /64 are one, of two they are two', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), (one, two) => {
      const groups = (address: string) => {
        const [left = '', right] = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, quad).split('::');
        const [a, b] = [left, right ?? ''].map((side) => side.split(':').filter(Boolean));
        const zeros = Array<string>(8 - (a?.length ?? 0) - (b?.length ?? 0)).fill('0');
        return [...(a ?? []), ...(right === undefined ? [] : zeros), ...(b ?? [])]
          .slice(0, 4)
          .map((group) => Number.parseInt(group, 16));
      };
      const same = String(groups(one)) === String(groups(two));
      assert.equal(addressOf(one) === addressOf(two), same);
    }),
    { seed: 64, numRuns: 500 },
  );
});

function quad(_: string, ...bytes: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
