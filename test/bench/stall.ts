/** What a slow reader costs: a long burst into a socket that is not read for a while, and into one that is. */
import type { Contender } from './contenders.ts';
import { type Figures, turn, warmTab } from './measures.ts';
import { sleep } from './process.ts';

const TOKENS = 2_000_000;
const STALL_MS = 5_000;
const SAMPLE_MS = 20;
/** Watched on: what a server does with a whole turn once its reader has the end. */
const SETTLE_MS = 2_000;

export async function stall(contender: Contender): Promise<Figures> {
  if (contender.forgets) return {};
  return {
    readGrowth: await growth(contender, 0),
    stallGrowth: await growth(contender, STALL_MS),
  };
}

/** By how many MB the server's memory rose over the burst, at its peak; on a server of its own. */
async function growth(contender: Contender, stallMs: number): Promise<number> {
  const server = await contender.start('stream');
  try {
    const tab = await warmTab(server, 0);
    const before = server.program.rssKb;
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, server.program.rssKb);
    }, SAMPLE_MS);
    const done = turn(tab, `burst ${TOKENS}`, TOKENS);
    if (stallMs > 0) tab.client.pause();
    await sleep(stallMs);
    tab.client.resume();
    await done.then(() => sleep(SETTLE_MS)).finally(() => clearInterval(sampling));
    return (peak - before) / 1_024;
  } finally {
    await server.stop();
  }
}
