import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readOverrides } from '../src/limits-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenroom-allowances-'));
after(() => rmSync(dir, { recursive: true }));

function read(json: string) {
  const file = join(dir, 'limits.json');
  writeFileSync(file, json);
  return readOverrides(file);
}

test('[R25] a limit that would not hold is refused, not passed over', () => {
  for (const user of ['__proto__', 'constructor', 'prototype'])
    assert.throws(() => read(`{"${user}": {"runs": 1}}`), new RegExp(user));
  assert.throws(() => read('[]'), /object/);
  assert.throws(() => read(''), /JSON/);
  assert.deepEqual(read('{"bob": {"runs": 2}}'), { bob: { runs: 2 } });
  for (const [json, words] of [
    [
      '{"bob": {"runs": 1.5}}',
      /^bob\.runs: accepts a whole number from 0 to 1000000000, or "unlimited"$/,
    ],
    ['{"bob": {"runs": "many"}}', /^bob\.runs: accepts a whole number/],
    [
      '{"bob": {"tokens": 5}}',
      /^bob\.tokens: accepts requestsPerHour, requestsPerDay, tokensPerDay and runs/,
    ],
    ['{"bob": 5}', /^bob: /],
  ] as const)
    assert.throws(() => read(json), { message: words });
});
