/** Clones of a real repository, by a real git, from a forge on loopback. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isRepositoryName, openWorkingDirectory } from '../../src/claude/directory.ts';
import { cloneRepository, type Forge } from '../../src/claude/repository.ts';
import { FaultError } from '../../src/faults.ts';
import { startForge, type TestForge } from '../support/forge.ts';
import { tempDir } from './programs.ts';

const BOUND = { timeout: 60_000 };
const TOKEN = 'canary-token-0123456789';
const BASIC = `Basic ${Buffer.from(`greenroom:${TOKEN}`).toString('base64')}`;
const never = new AbortController().signal;
const root = tempDir();
let forge: TestForge;
let ids = 0;

before(async () => {
  forge = await startForge(root);
  forge.add('ada/engine', { 'README.md': 'An engine.\n', '.gitattributes': '* filter=evil\n' });
  forge.add('ada/large', { 'noise.bin': randomBytes(3 * 1024 * 1024) });
});
after(() => forge.stop());

function forgeOf(given: Partial<Forge> & { at?: string } = {}): Forge {
  const { at = forge.url, ...rest } = given;
  const inherited = { PATH: process.env.PATH ?? '' };
  return { url: new URL(at), token: null, bytesMax: 100_000_000, inherited, ...rest };
}

const clone = (workspace: string, name: string, from = forgeOf(), signal = never) =>
  cloneRepository(from, workspace, name, `c${++ids}`, signal);

async function faultOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FaultError, String(error));
  return error.code;
}

test(
  '[CH6] a clone is made under its owner’s and its own name, and used as it is afterwards',
  BOUND,
  async () => {
    const workspace = tempDir();
    await clone(workspace, 'ada/engine');
    const readme = join(workspace, 'ada', 'engine', 'README.md');
    assert.equal(readFileSync(readme, 'utf8'), 'An engine.\n');
    assert.deepEqual(readdirSync(workspace), ['ada'], 'nothing else is left');
    writeFileSync(readme, 'changed');
    await clone(workspace, 'ada/engine');
    assert.equal(readFileSync(readme, 'utf8'), 'changed');
  },
);

test('[CH6] one that is not there is unknown, and leaves nothing behind', BOUND, async () => {
  const workspace = tempDir();
  assert.equal(await faultOf(clone(workspace, 'ada/nothing')), 'repository.unknown');
  assert.deepEqual(readdirSync(workspace), []);
});

test('[CH6] a forge that is not there is a failure', BOUND, async () => {
  const workspace = tempDir();
  const gone = await startForge(tempDir());
  await gone.stop();
  const fault = await faultOf(clone(workspace, 'ada/engine', forgeOf({ at: gone.url })));
  assert.equal(fault, 'repository.failed');
});

test('[CH6] one that is too large is given up, and leaves nothing behind', BOUND, async () => {
  const workspace = tempDir();
  const small = forgeOf({ bytesMax: 1_000_000 });
  assert.equal(await faultOf(clone(workspace, 'ada/large', small)), 'repository.failed');
  assert.deepEqual(readdirSync(workspace), []);
});

test('[CH6] a server that stops ends the git that clones', BOUND, async () => {
  const slow = await startForge(root);
  try {
    const hangs = slow.hangAtObjects();
    const workspace = tempDir();
    const stopping = new AbortController();
    const from = forgeOf({ at: slow.url });
    const fault = faultOf(clone(workspace, 'ada/engine', from, stopping.signal));
    await hangs;
    const left = once(slow.requests.at(-1)?.socket ?? assert.fail(), 'close');
    stopping.abort();
    assert.equal(await fault, 'repository.failed');
    assert.deepEqual(readdirSync(workspace), []);
    await left; // git's helper has gone, too
  } finally {
    await slow.stop();
  }
});

test('[CH6] of two conversations that clone the same at once, both have it', BOUND, async () => {
  const workspace = tempDir();
  await Promise.all([clone(workspace, 'ada/engine'), clone(workspace, 'ada/engine')]);
  assert.deepEqual(readdirSync(workspace), ['ada']);
  assert.ok(existsSync(join(workspace, 'ada', 'engine', 'README.md')));
});

test('[CH6] another folder of that name is not touched', BOUND, async () => {
  const workspace = tempDir();
  mkdirSync(join(workspace, 'ada', 'engine'), { recursive: true });
  writeFileSync(join(workspace, 'ada', 'engine', 'mine.txt'), 'mine');
  assert.equal(await faultOf(clone(workspace, 'ada/engine')), 'repository.failed');
  assert.deepEqual(readdirSync(join(workspace, 'ada', 'engine')), ['mine.txt']);
});

test(
  '[CH6] a link in the place of the owner’s folder leads no clone out of the workspace',
  BOUND,
  async () => {
    const [workspace, elsewhere] = [tempDir(), tempDir()];
    symlinkSync(elsewhere, join(workspace, 'ada'));
    assert.equal(await faultOf(clone(workspace, 'ada/engine')), 'repository.failed');
    assert.deepEqual(readdirSync(elsewhere), []);
    assert.throws(() => openWorkingDirectory(workspace, 'ada/engine'));
  },
);

test('[R59] a token reads what is private, and is written nowhere', BOUND, async () => {
  const root = tempDir();
  const closed = await startForge(root, BASIC);
  try {
    closed.add('ada/secret', { 'a.txt': 'a' });
    const workspace = tempDir();
    const without = forgeOf({ at: closed.url });
    assert.equal(await faultOf(clone(workspace, 'ada/secret', without)), 'repository.unknown');
    await clone(workspace, 'ada/secret', forgeOf({ at: closed.url, token: TOKEN }));
    const target = join(workspace, 'ada', 'secret');
    assert.ok(existsSync(join(target, 'a.txt')));
    for (const file of readdirSync(target, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = readFileSync(join(file.parentPath, file.name), 'latin1');
      assert.ok(!bytes.includes(TOKEN) && !bytes.includes(BASIC), file.name);
    }
  } finally {
    await closed.stop();
  }
});

test('[CH6] no redirect is followed, and no token goes to another host', BOUND, async () => {
  const other = await startForge(tempDir());
  const moved = await startForge(tempDir(), null, other.url);
  try {
    const from = forgeOf({ at: moved.url, token: TOKEN });
    assert.equal(await faultOf(clone(tempDir(), 'ada/engine', from)), 'repository.unknown');
    assert.deepEqual(other.requests, []);
  } finally {
    await Promise.all([moved.stop(), other.stop()]);
  }
});

test('[R55] only two plain segments name a repository', () => {
  for (const name of ['ada/engine', 'Ada_1/x.y-z', 'a/b']) assert.ok(isRepositoryName(name), name);
  const bad = ['', 'ada', 'ada/', '/ada/x', 'ada/x/y', '../x', 'ada/..', '-o/x', 'a/-x', 'a/.git'];
  bad.push(
    'a/x.git',
    'a b/c',
    'a/b\n',
    'a/b?c',
    'a/b#c',
    'a/%2e%2e',
    'ä/b',
    'a/b:c',
    'a\\b/c',
    '.a/b',
  );
  for (const name of [...bad, `a/${'x'.repeat(101)}`]) assert.ok(!isRepositoryName(name), name);
});
