/**
 * Preloaded into a Node server under measurement: from one SIGUSR2 to the next, how late its event loop ran, and how
 * long it stood still for the garbage collector.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
const delay = monitorEventLoopDelay({ resolution: 1 });
let pauses: number[] = [];
const observer = new PerformanceObserver((list) => take(list.getEntries()));
let round = 0;
let isWatching = false;

process.on('SIGUSR2', () => {
  isWatching = !isWatching;
  if (isWatching) {
    delay.enable();
    observer.observe({ entryTypes: ['gc'] });
    return;
  }
  round += 1;
  delay.disable();
  take(observer.takeRecords());
  observer.disconnect();
  const [p99, max] = [delay.percentile(99) / NS_PER_MS, delay.max / NS_PER_MS];
  const heapMb = process.memoryUsage().heapUsed / 1024 ** 2;
  const figures = [p99, max, Math.max(0, ...pauses), pauses.reduce((a, b) => a + b, 0), heapMb];
  process.stdout.write(`loop ${round}: ${figures.map((figure) => figure.toFixed(3)).join(' ')};\n`);
  delay.reset();
  pauses = [];
});

function take(entries: readonly { duration: number }[]): void {
  for (const { duration } of entries) pauses.push(duration);
}
