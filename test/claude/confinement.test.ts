import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findConfinement } from '../../src/claude/confinement.ts';
import { launchClaude } from '../../src/claude/launch.ts';
import { openWorkspace } from '../../src/claude/workspace.ts';
import { bwrapIsMissing } from '../support/bwrap.ts';
import { settingsIn, tempDir } from './programs.ts';

const asking = (sandbox: 'auto' | 'bwrap' | 'none', path = process.env.PATH ?? '') => ({
  dataDir: tempDir(),
  sandbox,
  sandboxBinds: null,
  inherited: { PATH: path },
});

/** A directory with a program `bwrap` that fails as one does that may not make namespaces. */
function brokenBwrap(): string {
  const dir = tempDir();
  const script = '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n';
  writeFileSync(join(dir, 'bwrap'), script, { mode: 0o755 });
  return dir;
}

test('auto is bubblewrap where it works', { skip: bwrapIsMissing() ?? false }, async () => {
  const { confinement, why } = await findConfinement(asking('auto'));
  assert.equal(confinement.sandbox, 'bwrap');
  assert.equal(why, null);
});

test('auto is none where bubblewrap is missing or does not work, and says why', async () => {
  const missing = await findConfinement(asking('auto', tempDir()));
  assert.equal(missing.confinement.sandbox, 'none');
  assert.equal(missing.why, 'bwrap is not installed');
  const broken = await findConfinement(asking('auto', brokenBwrap()));
  assert.equal(broken.confinement.bwrap, null);
  assert.equal(broken.why, 'bwrap: No permissions to create a new namespace');
});

test('bwrap where it does not work is an error that names the setting', async () => {
  for (const path of [tempDir(), brokenBwrap()])
    await assert.rejects(findConfinement(asking('bwrap', path)), /^Error: CHAT_SANDBOX: /);
});

test('none is none, and says nothing', async () => {
  const { confinement, why } = await findConfinement(asking('none'));
  assert.deepEqual([confinement.sandbox, confinement.bwrap, why], ['none', null, null]);
});

test('without prlimit there are no limits, and processes start all the same', async () => {
  const { confinement } = await findConfinement(asking('none', tempDir()));
  assert.deepEqual(confinement.limits, []);
  const settings = settingsIn(tempDir(), { confinement });
  const parts = { command: ['/bin/true'], user: 'ada', sessionId: 'a', id: 'b' };
  assert.equal(launchClaude(settings, parts).command, '/bin/true');
});

test('a new workspace of a user’s own is a git repository, one with files in it is left alone', async () => {
  const settings = settingsIn(tempDir());
  await openWorkspace(settings, 'ada');
  assert.ok(existsSync(join(settings.dataDir, 'users/ada/workspace/.git/HEAD')));
  mkdirSync(join(settings.dataDir, 'users/bob/workspace/mine'), { recursive: true });
  await openWorkspace(settings, 'bob');
  assert.ok(!existsSync(join(settings.dataDir, 'users/bob/workspace/.git')));
});

test('without git a new workspace is a directory', async () => {
  const settings = settingsIn(tempDir(), { inherited: { PATH: tempDir() } });
  await openWorkspace(settings, 'ada');
  assert.ok(existsSync(join(settings.dataDir, 'users/ada/workspace')));
});

test('the operator’s workspace is left as it is', async () => {
  const workspaceDir = tempDir();
  await openWorkspace(settingsIn(tempDir(), { workspaceDir }), 'ada');
  assert.ok(!existsSync(join(workspaceDir, '.git')));
});
