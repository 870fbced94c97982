/** Preloaded into a Node server under measurement: how late its event loop ran, from one SIGUSR2 to the next. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
const delay = monitorEventLoopDelay({ resolution: 1 });
let round = 0;

process.on('SIGUSR2', () => {
  if (delay.count > 0) {
    round += 1;
    const [p99, max] = [delay.percentile(99), delay.max].map((ns) => (ns / NS_PER_MS).toFixed(3));
    process.stdout.write(`loop delay ${round}: ${p99} ${max};\n`);
    delay.disable();
    delay.reset();
  } else delay.enable();
});
