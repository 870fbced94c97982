import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MARKER } from '../../src/claude/launch.ts';
import type { Told } from '../../src/cli/findings.ts';
import { bwrapIsMissing } from '../support/bwrap.ts';

const BIN = fileURLToPath(new URL('../../bin/greenroom', import.meta.url));
const CLI = fileURLToPath(
  new URL('../../node_modules/@anthropic-ai/claude-code/bin/claude.exe', import.meta.url),
);
const root = mkdtempSync(join(tmpdir(), 'greenroom-'));
after(() => rmSync(root, { recursive: true, force: true }));

let dirs = 0;
const newDir = () => {
  const dir = join(root, String(dirs++));
  mkdirSync(dir, { mode: 0o700 });
  return dir;
};

async function doctor(env: Record<string, string>, args: readonly string[] = ['--json']) {
  const child = spawn(BIN, ['doctor', ...args], {
    env: {
      PATH: process.env.PATH,
      CHAT_CLAUDE_BIN: 'demo',
      CHAT_DATA_DIR: newDir(),
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out };
}

/** The checks by name. */
async function checksOf(env: Record<string, string>) {
  const { code, out } = await doctor(env);
  const { checks, healthy } = JSON.parse(out) as { checks: Told[]; healthy: boolean };
  assert.equal(healthy, code === 0);
  return { code, healthy, find: (name: string) => checks.find((check) => check.name === name) };
}

test('doctor examines the real CLI where it is to run, and ends with 0', async () => {
  const { code, find } = await checksOf({
    CHAT_CLAUDE_BIN: CLI,
    ANTHROPIC_API_KEY: 'test-key-for-loopback',
  });
  assert.equal(code, 0);
  assert.match(find('agent')?.found ?? '', /claude\.exe, version \d+\.\d+\.\d+$/);
  assert.equal(find('agent')?.state, 'ok');
  assert.equal(find('account')?.found, 'ANTHROPIC_API_KEY given');
  const box = bwrapIsMissing() === null ? /in force bwrap/ : /in force none: /;
  assert.match(find('sandbox')?.found ?? '', box);
});

test('[R61] doctor says where it cannot be promised that nothing is left behind', async () => {
  const { find } = await checksOf({ CHAT_SANDBOX: 'none' });
  assert.equal(find('sandbox')?.state, 'warn');
  assert.match(find('sandbox')?.why ?? '', /may outlive/);
});

test('what is asked for and does not work fails, with words that help', async () => {
  const bare = newDir();
  const silent = join(newDir(), 'silent');
  writeFileSync(silent, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  // What bin/greenroom itself needs.
  for (const name of ['dirname', 'readlink']) symlinkSync(`/usr/bin/${name}`, join(bare, name));
  const { code, find } = await checksOf({
    PATH: bare,
    CHAT_SANDBOX: 'bwrap',
    CHAT_CLAUDE_BIN: silent,
  });
  assert.equal(code, 1);
  assert.equal(find('sandbox')?.state, 'fail');
  assert.match(
    find('sandbox')?.found ?? '',
    /asked for bwrap, in force none: bwrap is not installed/,
  );
  assert.equal(find('agent')?.state, 'fail');
  assert.equal(find('account')?.state, 'fail');
  assert.equal(find('limits')?.state, 'warn');
});

test('a program that is not there fails, and names its setting', async () => {
  const { code, find } = await checksOf({ CHAT_CLAUDE_BIN: '/nonexistent/claude' });
  assert.equal(code, 1);
  assert.match(find('agent')?.found ?? '', /CHAT_CLAUDE_BIN/);
});

test('a bad configuration fails with all that is bad at once', async () => {
  const { code, find } = await checksOf({
    CHAT_PORT: 'x',
    CHAT_SANDBOX: 'y',
    CHAT_CLAUDE_SETTINGS_FILE: '/nonexistent/settings.json',
  });
  assert.equal(code, 1);
  const found = find('configuration')?.found ?? '';
  for (const name of ['CHAT_PORT', 'CHAT_SANDBOX', 'CHAT_CLAUDE_SETTINGS_FILE'])
    assert.match(found, new RegExp(name));
  assert.equal(find('agent'), undefined);
});

test('a data directory that all may read, or a group may write, fails; one a group may read is a warning', async () => {
  for (const [mode, state] of [
    [0o755, 'fail'],
    [0o770, 'fail'],
    [0o750, 'warn'],
    [0o700, 'ok'],
  ] as const) {
    const dir = newDir();
    chmodSync(dir, mode);
    const found = (await checksOf({ CHAT_DATA_DIR: dir })).find('data directory');
    assert.equal(found?.state, state, mode.toString(8));
    if (state !== 'ok') assert.equal(found?.mend, `chmod 700 ${dir}`);
  }
});

test('a public address in local mode, and a secret that is a placeholder, fail by name', async () => {
  const { code, find } = await checksOf({
    CHAT_HOST: '0.0.0.0',
    FORWARD_AUTH_SECRET: 'changeme',
  });
  assert.equal(code, 1);
  assert.match(find('configuration')?.found ?? '', /CHAT_HOST.*loopback only/);
  assert.match(find('configuration')?.found ?? '', /FORWARD_AUTH_SECRET/);
});

test('a workspace that several users share is a warning', async () => {
  const dir = newDir();
  for (const user of ['ada', 'bob']) mkdirSync(join(dir, 'users', user), { recursive: true });
  const shared = { CHAT_DATA_DIR: dir, CHAT_WORKSPACE_DIR: newDir() };
  assert.match(
    (await checksOf(shared)).find('sharing')?.found ?? '',
    /^CHAT_WORKSPACE_DIR, .* 2 users/,
  );
  assert.equal((await checksOf({ CHAT_DATA_DIR: dir })).find('sharing')?.state, 'ok');
});

test('[R61] what a server that is gone has left is named', async (t) => {
  const dir = newDir();
  const env = { PATH: process.env.PATH, [MARKER]: `${dir}:an-id` };
  const left = spawn('sleep', ['1000'], { env, stdio: 'ignore' });
  t.after(() => left.kill('SIGKILL'));
  await new Promise((resolve) => left.once('spawn', resolve));
  const { find } = await checksOf({});
  assert.equal(find('leftovers')?.state, 'warn');
  assert.match(find('leftovers')?.found ?? '', new RegExp(`\\b${left.pid}\\b.*${dir}`));
});

test('doctor tells it in words, why it matters and how to mend it', async () => {
  const { out } = await doctor({ CHAT_SANDBOX: 'none' }, []);
  assert.match(out, /^ok {4}configuration: every setting is accepted$/m);
  assert.match(out, /^warn {2}sandbox: .*\n {6}why it matters: .*\n {6}how to mend it: /m);
  assert.equal((await doctor({}, ['--jsno'])).code, 2);
});
