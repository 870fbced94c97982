/** While names are swapped for links as fast as another process can, nothing is read or written outside. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { FaultError } from '../../src/faults.ts';
import { Workspace } from '../../src/files/workspace.ts';

/** Swaps `sub` and `file` for links to the outside and back, until it is told to stop. */
const SWAPPER = `
const { parentPort, workerData: { top, outside, stop } } = require('node:worker_threads');
const { renameSync, symlinkSync, rmSync } = require('node:fs');
const stopped = new Int32Array(stop);
symlinkSync(outside, top + '/evil-folder');
symlinkSync(outside + '/secret', top + '/evil-file');
parentPort.postMessage('ready');
let swaps = 0;
while (Atomics.load(stopped, 0) === 0) {
  for (const name of ['folder', 'file']) {
    renameSync(top + '/' + name, top + '/good-' + name);
    renameSync(top + '/evil-' + name, top + '/' + name);
    swaps += 1;
    renameSync(top + '/' + name, top + '/evil-' + name);
    renameSync(top + '/good-' + name, top + '/' + name);
  }
}
parentPort.postMessage(swaps);
`;
const ROUNDS = 600;

const dir = mkdtempSync(join(tmpdir(), 'greenroom-race-'));
const [top, outside] = [join(dir, 'workspace'), join(dir, 'outside')];

before(() => {
  mkdirSync(join(top, 'folder'), { recursive: true });
  mkdirSync(outside);
  for (const file of ['file', 'folder/secret', 'folder/kept'])
    writeFileSync(join(top, file), 'mine');
  writeFileSync(join(outside, 'secret'), 'a secret');
});
after(() => rmSync(dir, { recursive: true, force: true }));

test('[R55] a folder or a file that becomes a link while it is opened leads nowhere', async () => {
  const stop = new SharedArrayBuffer(4);
  const swapper = new Worker(SWAPPER, { eval: true, workerData: { top, outside, stop } });
  const heard = () => new Promise((resolve) => swapper.once('message', resolve));
  await heard();
  let now = 0; // each listing counts anew, and races too
  const files = new Workspace(
    top,
    { maxUploadBytes: 1_000, workspaceQuotaBytes: null },
    () => (now += 10_000),
  );
  const seen = new Map<string, number>();
  const note = async (work: Promise<string>) => {
    const what = await work.catch((error: unknown) => {
      if (error instanceof FaultError) return error.code;
      throw error;
    });
    seen.set(what, (seen.get(what) ?? 0) + 1);
  };
  const read = async (path: string) => {
    const { file } = await files.open(path);
    await using _ = file;
    return `read ${await file.readFile()}`;
  };
  const write = async (path: string) => {
    const body = (async function* () {
      yield Buffer.from('mine');
    })();
    await files.write(path, { body, bytes: 4, mayReplace: true });
    return 'written';
  };
  const list = async (path: string) =>
    (await files.list(path)).entries.map(({ name }) => name).includes('kept') ? 'listed' : 'empty';
  for (let i = 0; i < ROUNDS; i++)
    await Promise.all([
      note(read('folder/secret')),
      note(read('file')),
      note(write('folder/secret')),
      note(write('folder/new')),
      note(list('folder')),
    ]);
  const swaps = heard();
  Atomics.store(new Int32Array(stop), 0, 1);
  assert.ok(Number(await swaps) > 100, 'there was something to race with');
  await swapper.terminate();
  assert.deepEqual(readdirSync(outside), ['secret']);
  assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'a secret');
  const allowed = ['read mine', 'written', 'listed', 'file.unknown', 'file.notAFile'];
  assert.deepEqual(
    [...seen.keys()].filter((what) => !allowed.includes(what)),
    [],
  );
  for (const what of ['read mine', 'written', 'listed', 'file.unknown'])
    assert.ok(seen.has(what), `${what} happened`);
});
