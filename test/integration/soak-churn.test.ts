/** A hundred conversations whose tabs come and go: nothing is lost on the way, and nothing is left at the end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runningUnder } from '../support/processes.ts';
import { mulberry32 } from '../support/random.ts';
import { type Happening, RestlessConversation } from '../support/restless-conversation.ts';
import { ServedProcess } from '../support/served-process.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 20);
const CONVERSATIONS = 100;
const USERS = 10;
/** Fewer than there are conversations, so that they take one another's place. */
const MAX_PROCESSES = 60;
/** Longest between two turns of a conversation: half a CLI's idle time in a short run, several in a long one. */
const PAUSE_MS = Math.min(30_000, SECONDS * 200);
const WARM_UP_MS = Math.min(300, SECONDS / 3) * 1_000;
/** A long one waits until conversations have left the memory, a minute after they were last used. */
const IS_LONG = SECONDS >= 300;
/** What may be left of memory, as a part of what there was after the warm-up, which a short one hardly has. */
const MARGIN = IS_LONG ? 0.1 : 0.3;
/** The connection that asks is the only one there is. */
const ALONE = { headers: { Connection: 'close' } };
const CLAUDE = fileURLToPath(new URL('../support/pacing-claude.pl', import.meta.url));
const COLLECT_GARBAGE = new URL('../support/collect-garbage.ts', import.meta.url).href;

/** How often in twenty. */
const WEIGHTS: readonly (readonly [Happening, number])[] = [
  ['none', 6],
  ['abort', 4],
  ['leave', 5],
  ['visitor', 3],
  ['forget', 1],
  ['forgetRunning', 1],
];

const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-churn-'));
after(() => {
  ServedProcess.endAll();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

test(`[P7] ${CONVERSATIONS} conversations for ${SECONDS} s, tabs that leave and come back, turns stopped and conversations forgotten: every event once, and no memory, handle or process is left`, {
  timeout: (SECONDS + 240) * 1_000,
}, async (t) => {
  const server = await ServedProcess.start(dataDir, {
    CHAT_CLAUDE_BIN: CLAUDE,
    CHAT_MAX_PROCESSES: String(MAX_PROCESSES),
    CHAT_PROCESS_IDLE_MS: '5000',
    CHAT_DRAIN_LEAD_MS: '0',
    NODE_OPTIONS: `--import=${COLLECT_GARBAGE}`,
  });
  const random = mulberry32(20_261_127);
  const cookies = await Promise.all(
    Array.from({ length: USERS }, (_, user) => server.cookieFor(`user${user}`)),
  );
  const conversations = Array.from(
    { length: CONVERSATIONS },
    (_, at) => new RestlessConversation(server, cookies[at % USERS] as string, random),
  );
  const happened: Record<string, number> = {};
  const churn = async (ms: number) => {
    const until = Date.now() + ms;
    const live = async (conversation: RestlessConversation) => {
      for (;;) {
        await sleep(random() * PAUSE_MS);
        if (Date.now() > until) return conversation.close();
        const happening = pick(random());
        await conversation.turn(happening);
        happened[happening] = (happened[happening] ?? 0) + 1;
      }
    };
    await Promise.all(conversations.map(live));
  };

  await churn(WARM_UP_MS);
  const warm = await level(server);
  await churn(SECONDS * 1_000 - WARM_UP_MS);
  const loop = await readings(server);
  const end = await level(server);
  const tokens = conversations.reduce((sum, conversation) => sum + conversation.tokens, 0);
  t.diagnostic(JSON.stringify({ happened, tokens, loopP99Ms: loop.lagP99Ms, warm, end }));

  assert.ok(end.heapMb <= warm.heapMb * (1 + MARGIN), 'the heap is back');
  // After seconds the resident memory still grows to what the young generation and the code need.
  if (IS_LONG) assert.ok(end.rssMb <= warm.rssMb * (1 + MARGIN), 'the memory is back');
  assert.ok(end.fds <= warm.fds, 'no descriptor is left');
  if (!IS_LONG) end.resources.Timeout = 0; // conversations sleep, each with its timer
  for (const [kind, count] of Object.entries(end.resources))
    assert.ok(count <= (warm.resources[kind] ?? 0), `no ${kind} is left`);
  assert.equal(await server.end('SIGTERM'), 0);
  assert.deepEqual(await runningUnder(dataDir), []);
});

/** What the server holds once nothing is at work in it and no tab is open. */
async function level(server: ServedProcess) {
  while ((await readings(server)).living > 0) await sleep(200);
  while ((await runningUnder(dataDir)).some(({ parent }) => parent === server.pid))
    await sleep(200);
  process.kill(server.pid, 'SIGUSR2');
  const { living: _, lagP99Ms: __, ...held } = await readings(server);
  return held;
}

/** What the server tells of itself. */
async function readings(server: ServedProcess) {
  const lines = (await (await fetch(`${server.origin}/metrics`, ALONE)).text()).split('\n');
  const of = (name: string) =>
    lines.flatMap((line) => {
      const [, labels = '', value] = new RegExp(`^${name}(\\{.*\\})? (\\S+)$`).exec(line) ?? [];
      return value === undefined ? [] : [[labels, Number(value)] as const];
    });
  const sum = (name: string) => of(name).reduce((all, [, value]) => all + value, 0);
  const kinds = ['sessions', 'processes', 'runs', ...(IS_LONG ? ['conversations'] : [])];
  const living = kinds.map((kind) => sum(`greenroom_${kind}`));
  return {
    living: living.reduce((all, count) => all + count, 0),
    fds: sum('process_open_fds'),
    rssMb: Math.round(sum('process_resident_memory_bytes') / 1e6),
    heapMb: Math.round(sum('nodejs_heap_size_used_bytes') / 1e5) / 10,
    resources: Object.fromEntries(
      of('nodejs_active_resources').map(([labels, count]) => [/"(.*)"/.exec(labels)?.[1], count]),
    ) as Record<string, number>,
    lagP99Ms: Math.round(sum('nodejs_eventloop_lag_p99_seconds') * 1e4) / 10,
  };
}

function pick(at: number): Happening {
  let left = at * WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [happening, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) return happening;
  }
  return 'none';
}
