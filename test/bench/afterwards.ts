/**
 * Whether memory comes back after a load: resident memory and heap once its sockets and programs have gone, over what
 * they were before. Nothing is collected by force: what is measured is what an operator sees. The first load also fills
 * what stays (compiled code, caches of the allocator), the second shows whether anything grows.
 */
import type { Contender, Server } from './contenders.ts';
import { type Figures, turn, warmTab } from './measures.ts';
import { type Program, sleep } from './process.ts';

const SOCKETS = 100;
const BURST_TOKENS = 200_000;
/** V8 gives back in steps, some seconds apart, when little is allocated. */
const SETTLE_MS = 6_000;

export async function afterwards(contender: Contender): Promise<Figures> {
  const server = await contender.start('stream', { CHAT_PROCESS_IDLE_MS: '1000' });
  try {
    await loaded(server, 1);
    const before = await memory(server.program);
    await loaded(server, SOCKETS);
    const once = await memory(server.program);
    await loaded(server, SOCKETS);
    const twice = await memory(server.program);
    return {
      afterRss: (once.rss / before.rss) * 100,
      afterHeap: (once.heap / before.heap) * 100,
      againRss: (twice.rss / once.rss) * 100,
      againHeap: (twice.heap / once.heap) * 100,
    };
  } finally {
    await server.stop();
  }
}

/** Conversations that answer a prompt, one of them at length; their sockets close at its end. */
async function loaded(server: Server, sockets: number): Promise<void> {
  const tabs = await Promise.all(Array.from({ length: sockets }, (_, i) => warmTab(server, i)));
  const [first] = tabs;
  await Promise.all(tabs.map((tab) => turn(tab, 'rate 50 for 2000 after 1', 100)));
  if (first) await turn(first, `burst ${BURST_TOKENS}`, BURST_TOKENS);
  for (const { client } of tabs) client.close();
}

async function memory(program: Program): Promise<{ rss: number; heap: number }> {
  await sleep(SETTLE_MS);
  program.watchLoop();
  await sleep(100);
  const seen = await program.loopSeen();
  return { rss: program.rssKb, heap: seen?.heapMb ?? Number.NaN };
}
