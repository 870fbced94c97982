import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge, Registry } from 'prom-client';
import { LOOP_WATCH_MS, tellLateness } from '../../src/telemetry/loop-lag.ts';

test('an event loop that is never late has no lag, and one that is has what it is late by', async () => {
  const registry = new Registry();
  const gauges = ['min', 'max', 'mean', 'p50', 'p90', 'p99'].map(
    (of) =>
      new Gauge({ name: `nodejs_eventloop_lag_${of}_seconds`, help: of, registers: [registry] }),
  );
  tellLateness(registry);
  const told = async (seconds: number) => {
    for (const gauge of gauges) gauge.set({}, seconds);
    const metrics = await registry.getMetricsAsJSON();
    return new Set(metrics.map(({ values }) => values[0]?.value));
  };
  assert.deepEqual(await told(LOOP_WATCH_MS / 1_000), new Set([0]));
  assert.deepEqual(await told(LOOP_WATCH_MS / 1_000 - 0.001), new Set([0]));
  assert.deepEqual(await told(LOOP_WATCH_MS / 1_000 + 0.5), new Set([0.5]));
});
