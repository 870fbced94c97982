/** What the credential broker costs the server: CPU for each token, with it and without, in rounds one after the other. */
import { ScriptedApi } from '../support/scripted-api.ts';
import type { Figures } from './measures.ts';
import { type RealServer, serveRealCli } from './real-cli.ts';
import type { Table } from './report.ts';

const TOKENS = 8_000;
const CHARS = 4;
const ANSWER = 'word'.repeat(TOKENS);

/** How the API paces its tokens. */
const PACES: Readonly<Record<string, number>> = { 'all at once': 0, 'one each ms': 1 };

export async function brokerCost(rounds: number): Promise<Table[]> {
  const api = await ScriptedApi.start(({ text }) => [
    { text: ANSWER, chunk: CHARS, everyMs: PACES[text] ?? 0 },
  ]);
  // With a subscription's token the CLI asks the API itself.
  const direct = { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'loopback-token' };
  const settings = { CHAT_TITLES: 'prompt' };
  const servers = {
    broker: await serveRealCli(api, settings),
    direct: await serveRealCli(api, { ...settings, ...direct }),
  };
  const tabs = { broker: await openTab(servers.broker), direct: await openTab(servers.direct) };
  const figures = { direct: [] as Figures[], broker: [] as Figures[] };
  for (const pace of Object.keys(PACES))
    for (let round = 0; round <= rounds; round += 1)
      for (const kind of ['broker', 'direct'] as const) {
        const cost = await costOf(servers[kind], tabs[kind], pace);
        if (round > 0) figures[kind].push({ [pace]: cost }); // the first warms the code
      }
  for (const { tab } of Object.values(tabs)) await tab.close();
  for (const server of Object.values(servers)) await server.stop();
  await api.stop();
  return [
    {
      name: 'broker',
      title: 'server CPU with the credential broker and without',
      rows: Object.fromEntries(
        Object.keys(PACES).map((pace) => [pace, { label: pace, unit: 'µs/token', digits: 1 }]),
      ),
      rounds: new Map(Object.entries(figures)),
      bases: ['direct'],
    },
  ];
}

async function openTab(server: RealServer) {
  const tab = await server.openTab();
  return { tab, thread: await tab.hello() };
}

type Tab = Awaited<ReturnType<typeof openTab>>;

/** µs of the server's CPU for each token of one turn. */
async function costOf({ program }: RealServer, { tab, thread }: Tab, pace: string) {
  const before = program.cpuMs;
  const end = await tab.runEnded(tab.prompt(thread, pace));
  if (end.type !== 'RUN_FINISHED') throw new Error(`a turn failed: ${JSON.stringify(end)}`);
  return ((program.cpuMs - before) * 1_000) / TOKENS;
}
