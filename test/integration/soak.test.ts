/** Many turns with the real CLI, with every kind of trouble among them; what is left is what there was. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '../support/client.ts';
import { realCliSettings } from '../support/messages-api.ts';
import { footprint, runningUnder } from '../support/processes.ts';
import { mulberry32 } from '../support/random.ts';
import { ScriptedApi } from '../support/scripted-api.ts';
import { ServedProcess } from '../support/served-process.ts';
import { answerByName, type Trouble, TroubledConversation } from '../support/troubled-turns.ts';

const TURNS = Number(process.env.SOAK_TURNS ?? 20);
const CONVERSATIONS = Math.min(20, Math.ceil(TURNS / 4));
/** Conversations that have a turn at once; more only wait for the CPU. */
const AT_ONCE = 4;
const MAX_PROCESSES = 6;
const MEMORY_GROWTH_MB = 32;

/** How often in twenty, roughly. */
const WEIGHTS: readonly (readonly [Trouble, number])[] = [
  ['none', 8],
  ['abort', 2],
  ['earlyAbort', 1],
  ['allow', 2],
  ['deny', 1],
  ['abortQuestion', 1],
  ['abortTool', 1],
  ['kill', 1],
  ['killAsking', 0.5],
  ['killTool', 0.5],
  ['silent', 0.5],
  ['hanging', 0.5],
];

const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-soak-'));
let api: ScriptedApi | null = null;
const clients: TestClient[] = [];
after(async () => {
  ServedProcess.endAll();
  for (const client of clients) client.socket.terminate();
  await api?.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

test(`[R61] ${TURNS} turns in ${CONVERSATIONS} conversations, some stopped, some asking, some killed: no process, descriptor or memory is left over`, {
  timeout: 120_000 + TURNS * 15_000,
}, async (t) => {
  api = await ScriptedApi.start(answerByName);
  const server = await ServedProcess.start(dataDir, {
    ...realCliSettings(api),
    CHAT_MAX_PROCESSES: String(MAX_PROCESSES),
    CHAT_PROCESS_IDLE_MS: '10000',
    CHAT_STALL_MS: '5000',
    CHAT_DRAIN_LEAD_MS: '0',
  });
  const conversations = await Promise.all(
    Array.from({ length: CONVERSATIONS }, (_, i) => begin(server, `user${i}`)),
  );
  const at: Record<string, Awaited<ReturnType<typeof footprint>>> = {
    start: await footprint(server.pid),
  };
  const startedAt = Date.now();
  const random = mulberry32(20_261_125);
  const ends: Record<string, number> = {};
  let [turns, mostProcesses] = [0, 0];

  const free = [...conversations];
  const worker = async () => {
    while (turns < TURNS) {
      turns += 1;
      if (turns === Math.ceil(TURNS / 2)) at.middle = await footprint(server.pid);
      const [conversation] = free.splice(Math.floor(random() * free.length), 1);
      if (!conversation) throw new Error('no conversation is free');
      const end = await conversation.turn(pick(random()));
      ends[end] = (ends[end] ?? 0) + 1;
      free.push(conversation);
      const cli = (await runningUnder(dataDir)).filter(({ parent }) => parent === server.pid);
      mostProcesses = Math.max(mostProcesses, cli.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, CONVERSATIONS) }, worker));

  at.end = await footprint(server.pid);
  const minutes = (Date.now() - startedAt) / 60_000;
  while ((await runningUnder(dataDir)).length > 0) await sleep(200); // idle ones end after 10 s
  at.idle = await footprint(server.pid);
  t.diagnostic(
    JSON.stringify({ turns, minutes: Number(minutes.toFixed(1)), ends, mostProcesses, ...at }),
  );
  assert.ok(mostProcesses <= MAX_PROCESSES);
  assert.ok(at.idle.fds <= (at.start?.fds ?? 0), 'no more descriptors than before the first turn');
  assert.ok((ends['claude.crashLoop'] ?? 0) <= TURNS / 10, 'few met a suspended conversation');
  if (at.middle) assert.ok(at.end.rssMb <= at.middle.rssMb + MEMORY_GROWTH_MB, 'memory is flat');
  assert.equal(await server.end('SIGTERM'), 0);
  assert.deepEqual(await runningUnder(dataDir), []);
});

/** One user, one socket and one conversation: so its processes can be told from all others by their home. */
async function begin(server: ServedProcess, user: string): Promise<TroubledConversation> {
  const cookie = await server.cookieFor(user);
  const client = await TestClient.open(server.webSocketUrl, server.origin, cookie);
  client.patienceMs = 90_000;
  clients.push(client);
  return new TroubledConversation(
    client,
    await client.hello(),
    join(dataDir, 'users', user, 'home'),
  );
}

function pick(at: number): Trouble {
  const total = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  let left = at * total;
  for (const [trouble, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) return trouble;
  }
  return 'none';
}
