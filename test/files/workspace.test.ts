/** A user's files: what a path may be, and that none leads out of the workspace. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { FaultError } from '../../src/faults.ts';
import { segmentsOf } from '../../src/files/path.ts';
import { Workspace, type WorkspaceBounds } from '../../src/files/workspace.ts';

let dir: string;
let top: string;
let outside: string;
let now: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'greenroom-files-'));
  top = join(dir, 'workspace');
  outside = join(dir, 'outside');
  mkdirSync(top);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), 'a secret');
  now = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const workspace = (bounds: Partial<WorkspaceBounds> = {}) =>
  new Workspace(top, { maxUploadBytes: 1_000, workspaceQuotaBytes: null, ...bounds }, () => now);

async function* bodyOf(...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}
const upload = (text: string, mayReplace = true) => ({
  body: bodyOf(text),
  bytes: Buffer.byteLength(text),
  mayReplace,
});
async function read(path: string, files = workspace()): Promise<string> {
  const { file } = await files.open(path);
  await using _ = file;
  return (await file.readFile()).toString();
}
const leftovers = () =>
  readdirSync(top, { recursive: true }).filter((n) => `${n}`.includes('.part'));

test('a folder is listed with folders first, then by name, and links lead nowhere', async () => {
  for (const name of ['b', 'a']) mkdirSync(join(top, name));
  writeFileSync(join(top, 'z.txt'), 'zz');
  writeFileSync(join(top, 'Ä b.txt'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0xff, 0x61])]), 'abc');
  symlinkSync(outside, join(top, 'link'));
  execFileSync('mkfifo', [join(top, 'pipe')]);
  const { entries, path, truncated, usedBytes, quotaBytes } = await workspace().list('');
  assert.deepEqual(
    entries.map(({ name, kind, bytes }) => [name, kind, bytes]),
    [
      ['a', 'folder', 0],
      ['b', 'folder', 0],
      ['link', 'other', 0],
      ['pipe', 'other', 0],
      ['z.txt', 'file', 2],
      ['Ä b.txt', 'file', 0],
      ['\ufffda', 'file', 3],
    ],
  );
  assert.deepEqual([path, truncated, usedBytes, quotaBytes], ['', false, 5, null]);
  assert.ok(entries.every(({ modifiedAt }) => Number.isInteger(modifiedAt) && modifiedAt > 0));
});

test('a folder of very many names is told in part, and says so', async () => {
  for (let i = 0; i < 1_001; i++) writeFileSync(join(top, `f${String(i).padStart(4, '0')}`), '');
  const { entries, truncated } = await workspace().list('');
  assert.deepEqual([entries.length, entries.at(-1)?.name, truncated], [1_000, 'f0999', true]);
});

test('a workspace that is not there yet is made, and empty', async () => {
  rmSync(top, { recursive: true });
  assert.deepEqual((await workspace().list('')).entries, []);
  assert.equal(lstatSync(top).mode & 0o777, 0o700);
});

test('what is written is read again, whole, and nothing else is left', async () => {
  mkdirSync(join(top, 'sub'));
  const files = workspace();
  const first = await files.write('sub/new.txt', upload('hello'));
  assert.deepEqual(
    [first.isNew, first.view.name, first.view.kind, first.view.bytes],
    [true, 'new.txt', 'file', 5],
  );
  const before = await files.open('sub/new.txt');
  await before.file.close();
  const second = await files.write('sub/new.txt', upload('hello again'));
  assert.equal(second.isNew, false);
  assert.equal(await read('sub/new.txt'), 'hello again');
  const after = await files.open('sub/new.txt');
  await after.file.close();
  assert.notEqual(before.version, after.version);
  assert.deepEqual(readdirSync(join(top, 'sub')), ['new.txt']);
});

test('what must not be replaced is not, whoever is first', async () => {
  const files = workspace();
  await files.write('a', upload('first'));
  await assert.rejects(files.write('a', upload('second', false)), { code: 'file.exists' });
  const both = await Promise.allSettled(
    ['one', 'two'].map((text) => files.write('b', upload(text, false))),
  );
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  symlinkSync(join(outside, 'made'), join(top, 'dangling'));
  await assert.rejects(files.write('dangling', upload('x', false)), { code: 'file.exists' });
  assert.equal(await read('a'), 'first');
  assert.deepEqual(leftovers(), []);
});

test('an upload that is too long, or is cut off, leaves all as it was', async () => {
  const files = workspace({ maxUploadBytes: 10 });
  await files.write('a', upload('as it was'));
  await assert.rejects(files.write('a', upload('longer than it may be')), {
    code: 'file.tooLarge',
  });
  const unsized = { body: bodyOf('longer ', 'than it may be'), bytes: null, mayReplace: true };
  await assert.rejects(files.write('a', unsized), { code: 'file.tooLarge' });
  const cut = async function* () {
    yield Buffer.from('half');
    throw new Error('cut off');
  };
  await assert.rejects(files.write('a', { body: cut(), bytes: null, mayReplace: true }), /cut off/);
  assert.equal(await read('a'), 'as it was');
  assert.deepEqual(leftovers(), []);
});

test('a quota holds for uploads on their way, too, and what is replaced makes room', async () => {
  mkdirSync(join(top, 'deep'));
  writeFileSync(join(top, 'deep', 'old'), 'x'.repeat(40));
  const files = workspace({ workspaceQuotaBytes: 100 });
  const gate = Promise.withResolvers<void>();
  const slow = async function* () {
    yield Buffer.from('y'.repeat(40));
    await gate.promise;
  };
  const slowly = files.write('slow', { body: slow(), bytes: null, mayReplace: true });
  while (leftovers().length === 0) await new Promise((resolve) => setImmediate(resolve));
  while (lstatSync(join(top, String(leftovers()[0]))).size < 40)
    await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(files.write('more', upload('z'.repeat(30))), { code: 'file.quota' });
  gate.resolve();
  await slowly;
  await files.write('more', upload('z'.repeat(20)));
  await assert.rejects(files.write('one', upload('!')), { code: 'file.quota' });
  rmSync(join(top, 'slow'));
  now += 5_000;
  await files.write('one', upload('!'));
  const { usedBytes, quotaBytes } = await files.list('');
  assert.deepEqual([usedBytes, quotaBytes], [61, 100]);
  assert.deepEqual(leftovers(), []);
});

test('what an upload of a dead server left is not shown, and goes after an hour', async () => {
  const part = join(top, '.upload-01234567-0123-4123-8123-0123456789ab.part');
  writeFileSync(part, 'half');
  const files = workspace();
  const { entries, usedBytes } = await files.list('');
  assert.deepEqual([entries, usedBytes, leftovers().length], [[], 0, 1]);
  utimesSync(part, 1, 1);
  now += 5_000;
  await files.list('');
  assert.deepEqual(leftovers(), []);
  const name = '.upload-01234567-0123-4123-8123-0123456789ab.part';
  await assert.rejects(files.write(name, upload('x')), { code: 'path.refused' });
});

test('[R55] what is no plain file is not opened, and nobody waits for it', async () => {
  mkdirSync(join(top, 'folder'));
  execFileSync('mkfifo', [join(top, 'pipe')]);
  symlinkSync(join(outside, 'secret.txt'), join(top, 'link'));
  symlinkSync('/dev/zero', join(top, 'zero'));
  symlinkSync('loop', join(top, 'loop'));
  const socket = createServer().listen(join(top, 'sock'));
  const files = workspace();
  for (const name of ['folder', 'pipe', 'link', 'zero', 'loop', 'sock', '']) {
    await assert.rejects(files.open(name), { code: 'file.notAFile' }, name);
    await assert.rejects(files.write(name, upload('x')), { code: 'file.notAFile' }, name);
  }
  socket.close();
  for (const name of ['none', 'none/a', 'link/x'])
    await assert.rejects(files.open(name), { code: 'file.unknown' }, name);
  await assert.rejects(files.list('link'), { code: 'file.unknown' });
  linkSync(join(outside, 'secret.txt'), join(top, 'hard'));
  assert.equal(await read('hard'), 'a secret', 'a hard link is the file it is');
  await files.write('hard', upload('other'));
  assert.equal(readFileSync(join(outside, 'secret.txt'), 'utf8'), 'a secret', 'it is replaced');
});

test('[R55] links in the way are not followed, wherever they stand', async () => {
  mkdirSync(join(outside, 'in'));
  writeFileSync(join(outside, 'in', 'x'), 'a secret');
  symlinkSync(outside, join(top, 'a'));
  mkdirSync(join(top, 'b'));
  symlinkSync(join(outside, 'in'), join(top, 'b', 'c'));
  const files = workspace();
  for (const path of ['a/secret.txt', 'a/in/x', 'b/c/x'])
    await assert.rejects(files.open(path), { code: 'file.unknown' }, path);
  for (const path of ['a/new', 'b/c/new'])
    await assert.rejects(files.write(path, upload('x')), { code: 'file.unknown' }, path);
  for (const path of ['a', 'a/in', 'b/c'])
    await assert.rejects(files.list(path), { code: 'file.unknown' }, path);
  assert.deepEqual(readdirSync(outside).sort(), ['in', 'secret.txt']);
  assert.equal((await files.list('')).usedBytes, 0, 'what is behind links is not counted');
});

const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '/',
      '//',
      '\0',
      '%2e%2e',
      '%2f',
      '\\',
      '..\\',
      '~',
      '…',
      'link',
      'a',
    ),
    fc.constantFrom(
      'outside',
      'secret.txt',
      'proc',
      'self',
      'workspace',
      '\ud800',
      '\n',
      ' ',
      '\u202e',
    ),
    fc.string({ unit: 'binary', maxLength: 300 }),
  ),
  { maxLength: 80 },
);

test('[R55] whatever the path, it is refused, unknown, or in the workspace', async () => {
  symlinkSync(outside, join(top, 'link'));
  symlinkSync('/', join(top, 'a'));
  const files = workspace();
  const attempt = async (work: Promise<unknown>) => {
    try {
      await work;
      return true;
    } catch (error) {
      assert.ok(error instanceof FaultError, String(error));
      assert.match(error.code, /^(path\.refused|file\.(unknown|notAFile))$/);
      return false;
    }
  };
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom('', '/'), async (parts, joint) => {
      const path = parts.join(joint);
      await attempt(files.open(path).then(async ({ file }) => file.close()));
      await attempt(files.list(path));
      if (await attempt(files.write(path, upload('x')))) {
        assert.equal(readFileSync(join(top, ...segmentsOf(path)), 'utf8'), 'x');
        rmSync(join(top, ...segmentsOf(path)));
      }
      assert.deepEqual(readdirSync(dir).sort(), ['outside', 'workspace']);
      assert.deepEqual(readdirSync(outside), ['secret.txt']);
      assert.deepEqual(readdirSync(top).sort(), ['a', 'link']);
    }),
    { seed: 55, numRuns: 1_500 },
  );
});

test('a path is refused with its reason', () => {
  const why = (path: string) => {
    try {
      return segmentsOf(path).length;
    } catch (error) {
      assert.ok(error instanceof FaultError && error.code === 'path.refused');
      return /\((.*)\)/.exec(error.message)?.[1];
    }
  };
  assert.equal(why(''), 0);
  assert.equal(why('a/b c/…'), 3);
  assert.equal(why('/etc'), 'it begins with a slash');
  assert.equal(why('a/../b'), 'it holds . or ..');
  assert.equal(why('./b'), 'it holds . or ..');
  assert.equal(why('a//b'), 'a name in it is empty');
  assert.equal(why('a/'), 'a name in it is empty');
  assert.equal(why('a\0'), 'it holds a NUL character');
  assert.equal(why('\ud800'), 'it is no text');
  assert.equal(why('ä'.repeat(128)), 'a name is too long');
  assert.equal(why('ä'.repeat(127)), 1);
  assert.equal(why(Array(64).fill('a').join('/')), 64);
  assert.equal(why(Array(65).fill('a').join('/')), 'it is over 64 folders deep');
  assert.equal(why(Array(20).fill('a'.repeat(250)).join('/')), 'it is too long');
});

test('a file that is large is counted as it is', async () => {
  writeFileSync(join(top, 'sparse'), '');
  truncateSync(join(top, 'sparse'), 5_000_000);
  assert.equal((await workspace().list('')).usedBytes, 5_000_000);
});
