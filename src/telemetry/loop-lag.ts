/** How late the event loop is, as prom-client tells it, less what it waits between two looks. */
import type { Gauge, Registry } from 'prom-client';

/** How often the event loop is looked at: each time wakes a server that has nothing else to do. */
export const LOOP_WATCH_MS = 100;

/** All that are a time between two looks; `nodejs_eventloop_lag_seconds` is not. */
const OF_LOOKS = ['min', 'max', 'mean', 'p50', 'p90', 'p99'];

/**
 * Node's histogram holds the time from one look to the next: 0.1 s where nothing was late. That would be no matter at
 * prom-client's own 10 ms.
 */
export function tellLateness(registry: Registry): void {
  for (const of of OF_LOOKS) {
    const gauge = registry.getSingleMetric(`nodejs_eventloop_lag_${of}_seconds`) as Gauge;
    const set = gauge.set.bind(gauge);
    const lessOwn = (labels: object, seconds: number) =>
      set(labels, Math.max(0, seconds - LOOP_WATCH_MS / 1_000));
    gauge.set = lessOwn as Gauge['set'];
  }
}
