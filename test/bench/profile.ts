/**
 * `npm run bench:profile -- --from DIR --out FILE.svg`: where the main thread's time goes while many sockets have 50 tokens
 * a second each, or one has all at once, as a flame graph.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { greenroom } from './contenders.ts';
import { flameGraph } from './flame-graph.ts';
import { turn, warmTab } from './measures.ts';
import { sleep } from './process.ts';

const PROFILER = `--import=${new URL('./profiler.ts', import.meta.url).href}`;
const SOCKETS = 100;
const RATE = 50;
const LOAD_MS = 8_000;
const WARM_MS = 2_000;
const SEEN_MS = 4_000;
const BURST = 1_000_000;

const { values: options } = parseArgs({
  options: {
    from: { type: 'string', default: '.' },
    out: { type: 'string', default: 'flame.svg' },
    title: { type: 'string', default: 'main thread' },
    burst: { type: 'boolean', default: false },
  },
});

const dir = mkdtempSync(join(tmpdir(), 'flame-'));
const file = join(dir, 'main.cpuprofile');
const contender = greenroom('greenroom', resolve(options.from), [PROFILER], {
  FLAME_PROFILE: file,
});
const server = await contender.start('stream');
const { pid } = server.program;
const users = Array.from({ length: options.burst ? 1 : SOCKETS }, (_, user) => user);
const tabs = await Promise.all(users.map((user) => warmTab(server, user)));
const ask = options.burst ? `burst ${BURST}` : `rate ${RATE} for ${LOAD_MS} after 1`;
const tokens = options.burst ? BURST : (RATE * LOAD_MS) / 1_000;
const [first] = tabs;
if (options.burst && first) await turn(first, ask, tokens); // the code is warm
const turns = Promise.all(tabs.map((tab) => turn(tab, ask, tokens)));
if (!options.burst) await sleep(WARM_MS);
process.kill(pid, 'SIGWINCH');
await (options.burst ? turns : sleep(SEEN_MS));
process.kill(pid, 'SIGWINCH');
await server.program.says(/(profile written);/);
await turns;
const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
writeFileSync(options.out, flameGraph(profile, options.title));
await server.stop();
rmSync(dir, { recursive: true });
process.exit(0);
