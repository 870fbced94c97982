import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from '../../src/store/journal.ts';
import type { NewRow, Store } from '../../src/store/store.ts';
import { settle } from '../support/held-store.ts';
import { memoryStore } from '../support/memory-store.ts';

const rows = (...chunks: string[]): NewRow[] => chunks.map((chunk) => ({ runId: 'r', chunk }));

async function setUp(append?: Store['append']) {
  const store = memoryStore();
  const lease = await store.acquire('alice/t');
  const failures: unknown[] = [];
  const journal = new Journal(append ? { append } : store, lease, (error) => failures.push(error));
  const chunks = async () => {
    const page = await store.read('alice/t', null, 1_000);
    return page.valid ? page.rows.map(({ chunk }) => chunk) : [];
  };
  return { store, journal, failures, chunks };
}

test('[R3] appends are kept in order, and settled tells when they are', async () => {
  const { journal, chunks } = await setUp();
  for (let i = 0; i < 100; i++) journal.append(rows(`${i}a`, `${i}b`));
  await journal.settled();
  assert.deepEqual(
    await chunks(),
    Array.from({ length: 100 }, (_, i) => [`${i}a`, `${i}b`]).flat(),
  );
});

test('[R2] one append is in flight; what comes meanwhile goes together in the next', async () => {
  const batches: [string[], string][] = [];
  const gate = Promise.withResolvers<void>();
  const { journal } = await setUp(async (_, added, durability) => {
    batches.push([added.map(({ chunk }) => chunk), durability]);
    await gate.promise;
  });
  journal.append(rows('1'));
  await settle(1);
  journal.append(rows('2'));
  journal.append(rows('3'), 'sync');
  journal.append(rows('4'));
  await settle(1);
  assert.deepEqual(batches, [[['1'], 'batch']]);
  gate.resolve();
  await journal.settled();
  assert.deepEqual(batches.slice(1), [[['2', '3', '4'], 'sync']]);
});

test('[R17] a journal whose append failed says so once, and takes nothing more', async () => {
  let calls = 0;
  const { journal, failures } = await setUp(async () => {
    calls += 1;
    throw new Error('the disk is full');
  });
  for (let i = 0; i < 5; i++) {
    journal.append(rows(String(i)));
    await journal.settled();
  }
  assert.equal(calls, 1);
  assert.equal(failures.length, 1);
});

test('[R17] a lease that another took is void', async () => {
  const { store, journal, failures, chunks } = await setUp();
  await store.acquire('alice/t');
  journal.append(rows('late'));
  await journal.settled();
  assert.equal(failures.length, 1);
  assert.deepEqual(await chunks(), []);
});

test('a journal that failed holds no rows for ever', async () => {
  // Rows that are appended to a failed journal pile up in #waiting.
  let held: readonly NewRow[] = [];
  const { journal } = await setUp(async (_, added) => {
    held = added;
    throw new Error('no');
  });
  journal.append(rows('first'));
  await journal.settled();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 200; i++)
    journal.append(rows(Buffer.alloc(100_000, `${i} `).toString('latin1')));
  const grown = process.memoryUsage().heapUsed - before;
  assert.equal(held.length, 1);
  assert.ok(grown < 10 * 1024 * 1024, `${Math.round(grown / 1e6)} MB wait for nothing`);
});
