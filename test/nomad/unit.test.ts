/** The systemd unit, for those without Nomad. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../src/config.ts';

const FILE = fileURLToPath(new URL('../../nomad/greenroom.service', import.meta.url));
const TEXT = readFileSync(FILE, 'utf8');
const missing = spawnSync('systemd-analyze', ['--version']).error !== undefined;

/** Every value of a key, in order; what one line says twice is two. */
function valuesOf(key: string): string[] {
  return [...TEXT.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

const environment = Object.fromEntries(
  valuesOf('Environment').map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
);

describe('the systemd unit', () => {
  test('every line is a comment, a section or a key with a value', () => {
    for (const line of TEXT.split('\n'))
      assert.match(line, /^$|^#|^\[(Unit|Service|Install)\]$|^[A-Za-z]+=/, line);
  });

  test('[R23] it leaves the server the time of its drain, and stops nothing but the server', () => {
    const lead = Number(environment.CHAT_DRAIN_LEAD_MS);
    const turn = Number(environment.CHAT_DRAIN_TURN_MS);
    assert.ok(Number(valuesOf('TimeoutStopSec')[0]) >= (lead + turn) / 1_000 + 10);
    assert.deepEqual(valuesOf('KillMode'), ['mixed']);
    assert.deepEqual(valuesOf('KillSignal'), ['SIGTERM']);
  });

  test('[R13] it waits for a predecessor for longer than that one may take', () => {
    const wait = Number(environment.CHAT_DATA_DIR_WAIT_MS) / 1_000;
    assert.ok(wait > Number(valuesOf('TimeoutStopSec')[0]));
  });

  test('bad settings, which exit with 2, are not tried again and again', () => {
    assert.deepEqual(valuesOf('RestartPreventExitStatus'), ['2']);
  });

  test('its data is where the unit lets it write, for its user alone', () => {
    assert.equal(environment.CHAT_DATA_DIR, `/var/lib/${valuesOf('StateDirectory')[0]}`);
    assert.deepEqual(valuesOf('StateDirectoryMode'), ['0700']);
    assert.deepEqual(valuesOf('UMask'), ['0077']);
    assert.doesNotMatch(valuesOf('User')[0] ?? 'root', /^(root|0)$/);
  });

  test('it gives away no right, and sets nothing that the server does not know', () => {
    for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices'])
      assert.deepEqual(valuesOf(key), ['yes'], key);
    assert.deepEqual(valuesOf('CapabilityBoundingSet'), ['']);
    assert.deepEqual(valuesOf('ProtectSystem'), ['strict']);
    const known = [...Object.values(SETTINGS).map(({ env }) => env), 'NODE_ENV'];
    for (const name of Object.keys(environment)) assert.ok(known.includes(name), name);
  });

  test('systemd can read it', { skip: missing && 'systemd-analyze is not installed' }, () => {
    const dir = mkdtempSync(join(tmpdir(), 'greenroom-unit-'));
    try {
      // As it stands, but for a program that is on this machine.
      const copy = join(dir, 'greenroom.service');
      writeFileSync(
        copy,
        TEXT.replace('ExecStart=/opt/greenroom/bin/greenroom', 'ExecStart=/bin/true'),
      );
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', copy], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, SYSTEMD_LOG_LEVEL: 'warning' },
      });
      const complaints = stderr.split('\n').filter((line) => line.includes('greenroom.service'));
      assert.deepEqual([status, complaints], [0, []], stderr);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
