import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultError } from '../../src/faults.ts';
import { HeldElsewhere } from '../../src/store/cluster.ts';
import { type Operation, observed } from '../../src/store/observed.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { memoryStore } from '../support/memory-store.ts';

const outcomes = async (metrics: Metrics) => {
  const { body } = await metrics.text();
  const counts = body.matchAll(
    /^greenroom_store_seconds_count\{operation="(\w+)",outcome="([\w.]+)"\} (\d+)$/gm,
  );
  return [...counts].map(([, operation, outcome, count]) => [operation, outcome, Number(count)]);
};

const build = { version: '1', agent: 'demo', agentVersion: null, sandbox: 'none' };

test('operations of a store are counted and timed by their outcome; it answers and throws as before', async () => {
  const metrics = new Metrics(build);
  const store = observed(memoryStore(), (done) => metrics.stored(done));
  const told: string[] = [];
  const stop = store.onChanged((key) => told.push(key));
  const command = { runId: 'r', digest: 'd', text: 'hello' };
  assert.equal(await store.accept('amy/t', command), 'accepted');
  assert.equal(await store.accept('amy/t', command), 'duplicate');
  assert.equal(store.cluster, null);
  assert.deepEqual(told, ['amy/t']);
  stop();
  const lease = await store.acquire('amy/t');
  await store.acquire('amy/t');
  await assert.rejects(store.append(lease, [{ runId: 'r', chunk: '{}' }], 'batch'), {
    code: 'store.unavailable',
  });
  await store.close();
  assert.deepEqual(await outcomes(metrics), [
    ['accept', 'ok', 2],
    ['acquire', 'ok', 2],
    ['append', 'store.unavailable', 1],
    ['close', 'ok', 1],
  ]);
});

test('how long an operation takes is told in seconds, and what it threw', async () => {
  const told: Operation[] = [];
  const { promise, reject } = Promise.withResolvers<void>();
  const store = observed({ take: () => promise }, (done) => told.push(done));
  const start = performance.now();
  const answer = store.take();
  assert.equal(told.length, 0, 'it has not been answered');
  const fault = new FaultError('store.full');
  reject(fault);
  await assert.rejects(answer, fault);
  const [done] = told;
  assert.equal(done?.fault, fault);
  assert.ok(done.seconds > 0 && done.seconds <= (performance.now() - start) / 1_000);
});

test('a conversation that another server has is no fault of the store', async () => {
  const told: Operation[] = [];
  const held = new HeldElsewhere('b');
  const store = observed({ acquire: () => Promise.reject(held) }, (done) => told.push(done));
  await assert.rejects(store.acquire(), held);
  assert.deepEqual(
    told.map(({ name, fault }) => [name, fault]),
    [['acquire', null]],
  );
});
