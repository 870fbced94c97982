import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { residentBytes } from '../../src/claude/process-memory.ts';

const MB = 1_048_576;
/** Says when it holds so much, and goes when its input ends. */
const HOLD = `const held = Buffer.alloc(60 * ${MB}, 1); process.stdin.resume(); console.log(held.length)`;
/** The same one further down, started by a thread that is not the first. */
const START = `
  const { Worker } = require('node:worker_threads');
  const code = "require('node:child_process').spawn(process.execPath, ['-e', process.env.HOLD], { stdio: 'inherit' })";
  new Worker(code, { eval: true });
  process.stdin.resume().on('end', () => process.exit());
`;

test('a process counts with all that it started, whichever thread did', async () => {
  const child = spawn(process.execPath, ['-e', START], {
    env: { HOLD },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const bytes = await residentBytes(pid);
    assert.ok(bytes > 120 * MB && bytes < 1_000 * MB, `${bytes / MB} MB`);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
  assert.equal(await residentBytes(child.pid ?? 0), 0, 'it has gone');
});

test('what is no process takes nothing', async () => {
  assert.equal(await residentBytes(2 ** 30), 0);
});
