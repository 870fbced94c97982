import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from 'xstate';
import { FaultError } from '../../src/faults.ts';
import { Journal, WAITING_UNITS_MAX } from '../../src/store/journal.ts';
import type { NewRow, Store } from '../../src/store/store.ts';
import { RETRY_MS, TRIES_MAX } from '../../src/store/until-room.ts';
import { settle } from '../support/held-store.ts';
import { memoryStore } from '../support/memory-store.ts';

const rows = (...chunks: string[]): NewRow[] => chunks.map((chunk) => ({ runId: 'r', chunk }));

async function setUp(append?: Store['append']) {
  const store = memoryStore();
  const lease = await store.acquire('alice/t');
  const failures: unknown[] = [];
  const clock = new SimulatedClock();
  let drained = 0;
  const journal = new Journal({
    store: append ? { append, release: async () => {} } : store,
    lease,
    clock,
    onDrained: () => {
      drained += 1;
    },
    onFull: () => {},
    onFailed: (error) => failures.push(error),
  });
  const chunks = async () => {
    const page = await store.read('alice/t', null, 1_000);
    return page.valid ? page.rows.map(({ chunk }) => chunk) : [];
  };
  return { store, journal, failures, chunks, clock, drained: () => drained };
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

test('[R10] that what was appended is durable is told when it is, whatever comes behind it, and never where it fails', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let appended = 0;
  const { journal } = await setUp(async () => gates[appended++]?.promise);
  const told: string[] = [];
  journal.append(rows('1'));
  void journal.durable().then(() => told.push('1'));
  journal.append(rows('2'));
  void journal.durable().then(() => told.push('2'));
  await settle(1);
  assert.equal(told.join(), '');
  gates[0]?.resolve();
  await settle(1);
  assert.equal(told.join(), '1');
  gates[1]?.reject(new Error('the lease is void'));
  await journal.settled();
  void journal.durable().then(() => told.push('after it failed'));
  await settle(1);
  assert.equal(told.join(), '1');
});

test('what waits is told in rows and bytes until it is durable', async () => {
  const gate = Promise.withResolvers<void>();
  const { journal } = await setUp(() => gate.promise);
  assert.deepEqual(journal.lag, { rows: 0, bytes: 0 });
  journal.append(rows('äöü'));
  await settle(1);
  journal.append([{ runId: 'r', chunk: '12', result: { toolCallId: 't', text: '345' } }]);
  journal.appendLater(async () => null);
  assert.deepEqual(journal.lag, { rows: 2, bytes: 11 });
  gate.resolve();
  await journal.settled();
  assert.deepEqual(journal.lag, { rows: 0, bytes: 0 });
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

const quarter = (letter: string) => rows(letter.repeat(WAITING_UNITS_MAX / 4));

test('[R12] a journal that is behind says so until it has drained, and tells that once', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const { journal, drained } = await setUp(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const said = ['a', 'b', 'c', 'd'].map((letter) => journal.append(quarter(letter)));
  assert.deepEqual(said, [true, true, true, true], 'the bound itself is allowed');
  assert.equal(journal.append(rows('e')), false);
  assert.equal(journal.append(rows('f')), false, 'and it is taken all the same');
  await settle(1);
  gates[0]?.resolve();
  await settle(1);
  assert.equal(drained(), 0, 'three quarters still wait');
  assert.equal(journal.append(rows('g')), false);
  gates[1]?.resolve();
  await settle(1);
  assert.equal(drained(), 1);
  assert.equal(journal.append(rows('h')), true);
  gates[2]?.resolve();
  await settle(1);
  assert.equal(drained(), 1);
});

test('[R12] a journal that fails while it is behind lets its writer go on, and keeps nothing', async () => {
  const gate = Promise.withResolvers<void>();
  const { journal, drained, failures } = await setUp(() => gate.promise);
  journal.append(rows('x'.repeat(WAITING_UNITS_MAX + 1)));
  gate.reject(new Error('gone'));
  await journal.settled();
  assert.deepEqual([drained(), failures.length], [1, 1]);
  assert.equal(journal.append(rows('x'.repeat(WAITING_UNITS_MAX + 1))), true);
});

const full = () => new FaultError('store.full');

test('[R15] [FU2] what finds no room on the disk is tried again, in order, and nothing is lost', async () => {
  let room = false;
  const { store, journal, failures, chunks, clock } = await setUp();
  const append = store.append.bind(store);
  store.append = (...args) => (room ? append(...args) : Promise.reject(full()));
  journal.append(rows('1', '2'));
  await settle(1);
  journal.append(rows('3'));
  for (let i = 0; i < 3; i++) {
    clock.increment(RETRY_MS);
    await settle(1);
  }
  assert.deepEqual(await chunks(), []);
  room = true;
  clock.increment(RETRY_MS);
  await journal.settled();
  assert.deepEqual(await chunks(), ['1', '2', '3']);
  assert.deepEqual(failures, []);
});

test('[R15] [FU3] after half a minute without room the journal gives up, and says why', async () => {
  let tries = 0;
  const { journal, failures, clock } = await setUp(async () => {
    tries += 1;
    throw full();
  });
  journal.append(rows('1'));
  await settle(1);
  for (let i = 1; i < TRIES_MAX; i++) {
    assert.deepEqual(failures, []);
    clock.increment(RETRY_MS);
    await settle(1);
  }
  assert.equal(tries, TRIES_MAX);
  assert.deepEqual(
    failures.map((error) => (error as FaultError).code),
    ['store.full'],
  );
});

test('[R2] a row that is made later stands in its place: after all before it, before all after it', async () => {
  const { journal, chunks } = await setUp();
  const seen: string[][] = [];
  journal.append(rows('1', '2'));
  journal.appendLater(async () => {
    seen.push(await chunks());
    return { runId: 'r', chunk: '3' };
  });
  journal.append(rows('4'));
  journal.appendLater(async () => null);
  journal.append(rows('5'), 'sync');
  await journal.settled();
  assert.deepEqual(await chunks(), ['1', '2', '3', '4', '5']);
  assert.deepEqual(seen, [['1', '2']]);
});

test('a boundary behind a row that is made later is as durable as it asked to be', async () => {
  const durabilities: string[] = [];
  const { journal } = await setUp(async (_, added, durability) => {
    durabilities.push(`${added.map(({ chunk }) => chunk).join()} ${durability}`);
  });
  journal.append(rows('1'));
  journal.append(rows('2'));
  journal.appendLater(async () => ({ runId: 'r', chunk: '3' }));
  journal.append(rows('4'), 'sync');
  journal.append(rows('5'));
  await journal.settled();
  assert.ok(
    durabilities.some((entry) => /4.* sync/.test(entry)),
    durabilities.join(' | '),
  );
});
