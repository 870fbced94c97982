import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedProcesses } from '../../src/claude/marked-processes.ts';

test('[P7] processes that end at once are looked for together', async () => {
  const [one, other] = [markedProcesses(), markedProcesses()];
  assert.equal(one, other);
  await one;
  const later = markedProcesses();
  assert.notEqual(later, one, 'what has come since is not missed');
  await later;
});
