import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryUsed } from '../../src/machines/memory.ts';

const MEMINFO = `MemTotal:       1000 kB
MemFree:          50 kB
MemAvailable:    400 kB
Buffers:          10 kB
`;

const usedIn = (files: Readonly<Record<string, string>>) =>
  Math.round(memoryUsed((path) => files[path] ?? null) * 1_000) / 1_000;

test('what the kernel could give back counts as free', () => {
  assert.equal(usedIn({ '/proc/meminfo': MEMINFO }), 0.6);
});

test('where nothing is known nothing is used', () => {
  assert.equal(usedIn({}), 0);
  assert.equal(usedIn({ '/proc/meminfo': 'MemTotal: 0 kB', '/proc/self/cgroup': '1:cpu:/' }), 0);
});

const group = (dir: string, max: string, current: string, inactive = '0') => ({
  [`/sys/fs/cgroup${dir}/memory.max`]: `${max}\n`,
  [`/sys/fs/cgroup${dir}/memory.current`]: `${current}\n`,
  [`/sys/fs/cgroup${dir}/memory.stat`]: `anon 7\ninactive_file ${inactive}\nactive_file 9\n`,
});

test('a control group that is fuller than the machine decides, without files nobody reads', () => {
  const files = { '/proc/meminfo': MEMINFO, '/proc/self/cgroup': '0::/\n' };
  assert.equal(usedIn({ ...files, ...group('', '1000', '950', '200') }), 0.75);
  assert.equal(usedIn({ ...files, ...group('', '1000', '500') }), 0.6);
  assert.equal(usedIn({ ...files, ...group('', 'max', '99999') }), 0.6);
});

test('of nested groups the fullest decides', () => {
  const files = { '/proc/meminfo': MEMINFO, '/proc/self/cgroup': '0::/app.slice/chat.service\n' };
  const groups = {
    ...group('/app.slice', '1000', '900'),
    ...group('/app.slice/chat.service', 'max', '800'),
  };
  assert.equal(usedIn({ ...files, ...groups }), 0.9);
});

test('on this machine it is a share', () => {
  const used = memoryUsed();
  assert.ok(used >= 0 && used <= 1, String(used));
});
