/** What is measured, and how: each measure takes one server and gives its figures, once a round. */
import type { Client } from './client.ts';
import type { Contender, Server, Tab } from './contenders.ts';
import { sleep } from './process.ts';
import { quantile } from './statistics.ts';

/** Ends every token of the fake claude. */
const TOKEN_END = '~'.charCodeAt(0);
const TIMED_TOKEN = /([0-9a-f]{6,})~/g;
const TURN_MS = 60_000;
const COLD_TURNS = 5;

export type Figures = Readonly<Record<string, number>>;

export interface Sizes {
  readonly burstTokens: number;
  readonly loadSockets: number;
  readonly loadMs: number;
  readonly firstTurns: number;
  readonly upgrades: number;
  readonly idleSockets: number;
}

interface Turn {
  /** Times of the monotonic clock in microseconds. */
  readonly askedAt: number;
  readonly lastTokenAt: number;
  /** Of each token that carries its time: when the program wrote it, and how long it took to come here. */
  readonly timed: { at: number; delay: number }[];
}

/** One prompt, until its turn has ended and every token came. @throws When one is missing for too long. */
export function turn(tab: Tab, prompt: string, tokens: number): Promise<Turn> {
  return new Promise((resolve, reject) => {
    const timed: Turn['timed'] = [];
    const askedAt = nowUs();
    let [come, lastTokenAt] = [0, 0];
    const lost = setTimeout(
      () => reject(new Error(`${prompt}: ${come} of ${tokens} tokens came`)),
      TURN_MS,
    );
    tab.client.onMessage = (payload) => {
      // What comes after the last token repeats the text as a whole: it is not counted again.
      if (come < tokens) {
        come += countTokens(payload);
        lastTokenAt = nowUs();
        if (prompt.startsWith('rate'))
          for (const [, hex = ''] of payload.toString('latin1').matchAll(TIMED_TOKEN)) {
            const at = Number.parseInt(hex, 16);
            if (timed.length < tokens) timed.push({ at, delay: lastTokenAt - at });
          }
      }
      if (!payload.includes(tab.endMark) || (come < tokens && !tab.isSilent)) return;
      clearTimeout(lost);
      resolve({ askedAt, lastTokenAt, timed });
    };
    tab.prompt(prompt);
  });
}

/** A process that was started and has answered before. */
export async function warmTab(server: Server, user: number): Promise<Tab> {
  const tab = await server.openTab(user);
  await turn(tab, 'rate 1000 for 5 after 1', 5);
  return tab;
}

/** All tokens at once into one socket. */
export async function burst(server: Server, { burstTokens }: Sizes): Promise<Figures> {
  const tab = await warmTab(server, 0);
  const cpu = server.program.cpuMs;
  const { askedAt, lastTokenAt } = await turn(tab, `burst ${burstTokens}`, burstTokens);
  const used = server.program.cpuMs - cpu;
  // Once more, to see the loop: to watch it costs something.
  server.program.watchLoop();
  await turn(tab, `burst ${burstTokens}`, burstTokens);
  const seen = await server.program.loopSeen();
  tab.client.close();
  return {
    burstRate: burstTokens / ((lastTokenAt - askedAt) / 1e6),
    burstCpu: (used * 1_000) / burstTokens,
    ...(seen && { burstLoopP99: seen.p99, burstPauseMax: seen.pauseMax }),
  };
}

/** Many sockets at the pace of a fast model, the first and last quarters left out. @param tabs Warm ones. */
export async function load(
  server: Server,
  tabs: readonly Tab[],
  { loadMs }: Sizes,
): Promise<Figures> {
  const perSecond = 50;
  const turns = Promise.all(
    tabs.map((tab) =>
      turn(tab, `rate ${perSecond} for ${loadMs} after 1`, (perSecond * loadMs) / 1_000),
    ),
  );
  await sleep(loadMs / 4);
  const [from, cpu] = [nowUs(), server.program.cpuMs];
  await sleep(loadMs / 2);
  const [to, used] = [nowUs(), server.program.cpuMs - cpu];
  // Afterwards: to watch wakes the loop each millisecond.
  server.program.watchLoop();
  await sleep(loadMs / 5);
  const seen = await server.program.loopSeen();
  // Only what was written in between counts: a hundred prompts at the same moment are another matter.
  const delays = (await turns)
    .flatMap(({ timed }) => timed)
    .filter(({ at }) => at >= from && at < to)
    .map(({ delay }) => delay);
  return {
    loadCpu: (used * 100_000) / (to - from),
    loadP50: quantile(delays, 0.5) / 1_000,
    loadP99: quantile(delays, 0.99) / 1_000,
    ...(seen && { loopP99: seen.p99, loopMax: seen.max, pauseMax: seen.pauseMax }),
  };
}

/**
 * The first token: of a turn whose process is warm, since it was written; and from nothing, since the socket was opened,
 * the start of the program included.
 */
export async function firstToken(server: Server, { firstTurns }: Sizes): Promise<Figures> {
  const tab = await warmTab(server, 0);
  const firsts: number[] = [];
  for (let i = 0; i < firstTurns; i += 1)
    firsts.push((await turn(tab, 'rate 200 for 15 after 60', 3)).timed[0]?.delay ?? Number.NaN);
  tab.client.close();
  const colds: number[] = [];
  for (let i = 0; i < COLD_TURNS; i += 1) colds.push(await coldToken(server));
  return {
    firstP50: quantile(firsts, 0.5) / 1_000,
    firstP90: quantile(firsts, 0.9) / 1_000,
    firstCold: quantile(colds, 0.5) / 1_000,
  };
}

async function coldToken(server: Server): Promise<number> {
  const openedAt = nowUs();
  const tab = await server.openTab(0);
  const { timed } = await turn(tab, 'rate 200 for 15 after 1', 3);
  tab.client.close();
  return timed[0] ? timed[0].at + timed[0].delay - openedAt : Number.NaN;
}

/** Upgrades by a few clients at once, as fast as the server answers. */
export async function upgrades(server: Server, { upgrades: wanted }: Sizes): Promise<Figures> {
  await closeAll(await openMany(server, 100));
  const [from, cpu] = [nowUs(), server.program.cpuMs];
  const sockets = await openMany(server, wanted);
  const [to, used] = [nowUs(), server.program.cpuMs - cpu];
  await closeAll(sockets);
  return { upgradeRate: wanted / ((to - from) / 1e6), upgradeCpu: (used * 1_000) / wanted };
}

/** Memory of sockets that do nothing, on a server of their own. */
export async function idle(contender: Contender, { idleSockets }: Sizes): Promise<Figures> {
  const [idleRss, idlePerSocket] = await idleMemory(contender, idleSockets);
  return { idleRss, idlePerSocket };
}

/** The same with ten times as many. */
export async function idleMany(contender: Contender, { idleSockets }: Sizes): Promise<Figures> {
  const [, manyPerSocket] = await idleMemory(contender, idleSockets * 10);
  return { manyPerSocket };
}

/** MB of the server without sockets, and KB for each. */
async function idleMemory(contender: Contender, wanted: number): Promise<[number, number]> {
  const server = await contender.start('sockets');
  try {
    const warmUp = await openMany(server, 100);
    await sleep(500);
    const before = server.program.rssKb;
    const sockets = await openMany(server, wanted);
    await sleep(1_000);
    const after = server.program.rssKb;
    await closeAll([...warmUp, ...sockets]);
    return [before / 1_024, (after - before) / wanted];
  } finally {
    await server.stop();
  }
}

async function openMany(server: Server, wanted: number): Promise<Client[]> {
  const open: Client[] = [];
  let asked = 0;
  const worker = async () => {
    while (asked < wanted) {
      asked += 1;
      open.push(await server.openSocket());
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return open;
}

async function closeAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.close();
  await sleep(300);
}

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

export function countTokens(bytes: Buffer): number {
  let found = 0;
  for (const byte of bytes) if (byte === TOKEN_END) found += 1;
  return found;
}
