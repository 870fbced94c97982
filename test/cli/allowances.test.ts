import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readOverrides } from '../../src/cli/allowances.ts';

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
});
