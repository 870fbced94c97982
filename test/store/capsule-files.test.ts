import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CapsuleFiles } from '../../src/store/capsule-files.ts';

const name = (n: number) => `2026-11-26T12-00-00-00${n}Z_conversation_1a2b3c4d_claude.crashed.json`;
const newDir = () => join(mkdtempSync(join(tmpdir(), 'greenroom-')), 'capsules');

test('[OP6] the newest stay, for their owner alone, whole or not at all', async () => {
  const dir = newDir();
  const files = new CapsuleFiles(dir, 3);
  assert.deepEqual(await files.names(), []);
  const kept = await Promise.all([5, 1, 4, 2, 3].map((n) => files.keep(name(n), `{"n":${n}}`)));
  assert.deepEqual(kept, [true, true, true, true, true]);
  assert.deepEqual(await files.names(), [5, 4, 3].map(name));
  assert.deepEqual(readdirSync(dir).sort(), [3, 4, 5].map(name));
  assert.equal(await files.read(name(4)), '{"n":4}');
  assert.equal(await files.read(name(1)), null);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dir, name(5))).mode & 0o777, 0o600);
});

test('[OP6] where none are wanted none is kept, and no other name is read or written', async () => {
  const dir = newDir();
  const none = new CapsuleFiles(dir, 0);
  assert.equal(await none.keep(name(1), '{}'), false);
  const files = new CapsuleFiles(dir, 3);
  assert.deepEqual(await files.names(), []);
  for (const bad of ['../x.json', 'x', '', `../${name(1)}`, `${name(1)}/../../x`]) {
    await assert.rejects(files.keep(bad, '{}'), RangeError);
    assert.equal(await files.read(bad), null);
  }
});
