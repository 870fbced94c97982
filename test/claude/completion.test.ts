/** Paths for a prompt that is being written. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { completePaths, PATHS_MAX } from '../../src/claude/completion.ts';
import { tempDir } from './programs.ts';

const root = tempDir();
const directory = join(root, 'ws');

before(() => {
  for (const folder of ['src/view', '.git/objects', 'node_modules/x', 'many', '../elsewhere'])
    mkdirSync(join(directory, folder), { recursive: true });
  for (const file of ['README.md', 'src/main.ts', 'src/view/main-view.ts', '.git/main', '.env'])
    writeFileSync(join(directory, file), '');
  writeFileSync(join(directory, 'node_modules/x/main.js'), '');
  writeFileSync(join(root, 'elsewhere', 'main-secret.ts'), '');
  symlinkSync('../elsewhere', join(directory, 'main-link'));
  for (let i = 0; i < 50; i++) writeFileSync(join(directory, 'many', `m${i}.txt`), '');
});

test('[CH7] what holds the characters in their order is found, best first', async () => {
  assert.deepEqual(await completePaths(directory, 'main'), [
    'src/main.ts',
    'src/view/main-view.ts',
  ]);
  assert.deepEqual(await completePaths(directory, 'svmv'), ['src/view/main-view.ts']);
  assert.equal((await completePaths(directory, 'readme'))[0], 'README.md');
});

test('[CH7] folders end in a slash', async () => {
  assert.equal((await completePaths(directory, 'src'))[0], 'src/');
});

test('[CH7] links, .git and node_modules are left out, and no more than 20 are told', async () => {
  const all = await completePaths(directory, '');
  assert.equal(all.length, PATHS_MAX);
  for (const path of await completePaths(directory, 'm'))
    assert.doesNotMatch(path, /link|\.git|node_modules|secret/);
});

test('[CH7] a directory that is not there holds nothing', async () => {
  assert.deepEqual(await completePaths(join(root, 'gone'), 'a'), []);
});
