/** What each more socket costs that watches the same run. */
import type { Server, Tab } from './contenders.ts';
import { countTokens, type Figures, turn, warmTab } from './measures.ts';

const PER_SECOND = 200;
const TURN_MS = 3_000;
const TOKENS = (PER_SECOND * TURN_MS) / 1_000;

export async function watchers(server: Server): Promise<Figures> {
  const [alone, ten, hundred] = [
    await watchedBy(server, 1),
    await watchedBy(server, 10),
    await watchedBy(server, 100),
  ];
  return {
    watchOne: alone.token,
    watchTen: ten.token,
    watchHundred: hundred.token,
    watchFrame: hundred.frame,
  };
}

/** µs of CPU for a token, and for each frame that was delivered. */
async function watchedBy(
  server: Server,
  sockets: number,
): Promise<{ token: number; frame: number }> {
  const tab = await warmTab(server, 0);
  const others: Tab[] = [];
  let [frames, tokens] = [0, 0];
  while (others.length < sockets - 1) others.push(await server.openThread!(0, tab.threadId ?? ''));
  for (const { client } of others)
    client.onMessage = (payload) => {
      frames += 1;
      tokens += countTokens(payload);
    };
  const cpu = server.program.cpuMs;
  const { timed } = await turn(tab, `rate ${PER_SECOND} for ${TURN_MS} after 1`, TOKENS);
  const used = (server.program.cpuMs - cpu) * 1_000;
  for (const { client } of [tab, ...others]) client.close();
  // What the first socket got is not counted by frames: it is taken to be what each of the others got.
  const delivered = others.length > 0 ? (frames * sockets) / others.length : timed.length;
  if (others.length > 0 && tokens < TOKENS * others.length * 0.99)
    throw new Error(`watchers: ${tokens} of ${TOKENS * others.length} tokens came`);
  return { token: used / TOKENS, frame: used / delivered };
}
