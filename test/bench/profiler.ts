/** Preloaded into a server that is profiled: from one SIGWINCH to the next its main thread is sampled, into FLAME_PROFILE. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';

const SAMPLE_US = 250;

if (isMainThread) {
  const session = new Session();
  session.connect();
  let isOn = false;
  process.on('SIGWINCH', async () => {
    isOn = !isOn;
    if (isOn) {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
      return void (await session.post('Profiler.start'));
    }
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(process.env.FLAME_PROFILE ?? 'main.cpuprofile', JSON.stringify(profile));
    process.stdout.write('profile written;\n');
  });
}
