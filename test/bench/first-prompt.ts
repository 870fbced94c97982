/** P3 with the real CLI: the first prompt of a fresh tab beside `claude -p`, in rounds one after the other. */
import { ScriptedApi } from '../support/scripted-api.ts';
import { sleep } from './process.ts';
import { claudePrint, type RealServer, serveRealCli } from './real-cli.ts';
import type { Table } from './report.ts';

const PROMPT = 'Please say hello.';
/** From the focus in the composer to the end of a short sentence. */
const TYPING_MS = 2_000;
/** The last program has gone, and its server is quiet. */
const REST_MS = 1_000;

/** So many times sooner than `claude -p` a warm tab is to be. */
const ASKED = 1.8;

export async function firstPrompt(rounds: number): Promise<Table[]> {
  const api = await ScriptedApi.start(() => [{ text: 'Hello there, and welcome.' }]);
  const server = await serveRealCli(api);
  const print = claudePrint(api);
  const contenders: Readonly<Record<string, () => Promise<number>>> = {
    'claude -p': () => print.firstText(PROMPT),
    'fresh tab, typed 2 s': () => freshTab(server, TYPING_MS),
    'fresh tab, at once': () => freshTab(server, 0),
  };
  const measured = Object.keys(contenders).map((name) => ({ name, ms: [] as number[] }));
  // The first round fills caches of the disk and makes directories: it is not counted.
  for (let round = 0; round <= rounds; round += 1)
    for (const { name, ms } of measured) {
      const took = (await contenders[name]?.()) ?? Number.NaN;
      if (round > 0) ms.push(took);
      await sleep(REST_MS);
    }
  await server.stop();
  print.remove();
  await api.stop();
  return [
    {
      name: 'p3',
      title: `the real CLI (P3: at most ${(1 / ASKED).toFixed(2)} ×)`,
      rows: { firstText: { label: 'prompt to first text', unit: 'ms', digits: 0 } },
      rounds: new Map(
        measured.map(({ name, ms }) => [name, ms.map((firstText) => ({ firstText }))]),
      ),
      bases: ['claude -p'],
    },
  ];
}

/** Ms from the prompt to the first text. The page warms when it opens and the composer has the focus. */
async function freshTab(server: RealServer, typingMs: number): Promise<number> {
  const tab = await server.openTab();
  const thread = await tab.hello();
  tab.send({ type: 'warm' });
  await sleep(typingMs);
  const askedAt = performance.now();
  const run = tab.prompt(thread, PROMPT);
  await tab.event('TEXT_MESSAGE_CONTENT');
  const took = performance.now() - askedAt;
  await tab.runEnded(run);
  await server.forget(thread);
  await tab.close();
  return took;
}
