import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readProc } from '../../src/claude/proc-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'proc-file-'));
after(() => rmSync(dir, { recursive: true }));

test('it is whole, however many pieces it takes and wherever they are cut', async () => {
  const path = join(dir, 'long');
  const text = 'MARKER=/dürr/€:1\0'.repeat(50);
  writeFileSync(path, text);
  for (const bytes of [1, 2, 3, 7, 64, 4_096])
    assert.equal(await readProc(path, Buffer.alloc(bytes)), text);
  assert.equal(await readProc(path), text);
});

test('of what has gone, or is nothing to read, there is nothing', async () => {
  assert.equal(await readProc(join(dir, 'gone')), '');
  assert.equal(await readProc(dir), '');
});

test('[P7] many that are read at once take a few KiB each, and not the 64 that `readFile` takes', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let isOver = false;
  const reading = Promise.all(Array.from({ length: 500 }, () => readProc('/proc/self/stat')));
  void reading.finally(() => {
    isOver = true;
  });
  // What waits to be read into cannot be collected: nothing else on the machine changes how much that is.
  while (!isOver) {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const texts = await reading;
  assert.ok(texts.every((text) => text.startsWith(`${process.pid} `)));
  assert.ok(most < 500 * 8 * 1024, `${most} bytes`);
});
