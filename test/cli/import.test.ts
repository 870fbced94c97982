import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importDirectory } from '../../src/cli/import.ts';
import { memoryStore } from '../support/memory-store.ts';
import { newDir, removeDirs } from '../support/operator-server.ts';

after(removeDirs);

const GOOD = [
  { ts: '2026-04-20T10:00:00Z', user: 'alice', role: 'user', content: 'hello' },
  { ts: 1_776_000_000, user: 'alice', role: 'assistant', content: 'good day' },
];

test('a history of the replaced server becomes a conversation; one with a line that is none is left whole', async () => {
  const dir = newDir();
  const write = (name: string, lines: readonly unknown[]) =>
    writeFileSync(join(dir, 'alice', name), lines.map((line) => JSON.stringify(line)).join('\n'));
  mkdirSync(join(dir, 'alice'));
  write('0123456789ab.ndjson', GOOD);
  const bad = { ts: 1_776_000_000_000_000, role: 'user', content: 'at a time of no calendar' };
  write('0123456789ac.ndjson', [...GOOD, bad]);
  write('0123456789ad.ndjson', [{ ...bad, ts: 'yesterday' }]);
  const store = memoryStore();
  const { imported, known, problems } = await importDirectory(store, dir);
  assert.deepEqual([imported, known], [1, 0]);
  assert.deepEqual(problems.map((line) => line.slice(0, 25)).sort(), [
    'alice/0123456789ac.ndjson',
    'alice/0123456789ad.ndjson',
  ]);
  const bounds = { messagesMax: 10, bytesMax: 1_000_000, atLeastOne: true };
  const { messages } = await store.messages('alice/0123456789ab', null, bounds);
  assert.deepEqual(
    messages.map(({ content }) => content),
    ['hello', 'good day'],
  );
  assert.equal((await importDirectory(store, dir)).known, 1, 'once');
  await store.close();
});
