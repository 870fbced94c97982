/**
 * What a token costs on its way, in counts that no other work on the machine changes. The limits are what was measured
 * and a margin; where a change lowers a count, its limit is lowered with it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Client } from '../bench/client.ts';
import { type Calls, callsDuring, hasStrace } from './system-calls.ts';
import type { Taken } from './through-the-line.ts';
import { greet, turn, WatchedServer } from './watched-server.ts';

interface Limit {
  readonly measured: number;
  /** What it may be above that, as a part of it; 0 where it is exact. */
  readonly margin: number;
  /** Where to look when it is exceeded. */
  readonly see: string;
}
type Limits = Readonly<Record<string, Limit>>;

/** Of a burst: each read of the pipe holds many tokens. */
const BURST = {
  'JSON.parse calls per token': { measured: 0, margin: 0, see: 'src/claude/stream-json.ts' },
  'frames per token': { measured: 0.0037, margin: 0, see: 'src/claude/pump.ts' }, // one a read of 64 KiB
  'heap bytes per token': {
    measured: 1_285,
    margin: 0.2,
    see: 'src/claude/{lines,stream-json}.ts',
  },
} satisfies Limits;

/** Of tokens that come one by one. The envelope is what a frame has beside its text; its cursor grows by a digit. */
const PACED = {
  'JSON.parse calls per token': { measured: 0, margin: 0, see: 'src/claude/stream-json.ts' },
  'frames per token': { measured: 1, margin: 0, see: 'src/claude/pump.ts' },
  'envelope bytes per frame': { measured: 84.5, margin: 0.01, see: 'src/transport/fanout.ts' },
  'heap bytes per token': {
    measured: 2_834,
    margin: 0.2,
    see: 'src/claude, src/transport/fanout.ts',
  },
} satisfies Limits;

/** Of the whole server while one conversation has 50 tokens a second; the start and end of the turn are among them. */
const SERVER = {
  'frames per token': { measured: 1, margin: 0, see: 'src/claude/pump.ts' },
  'appends per token': { measured: 1.03, margin: 0.05, see: 'src/store/journal.ts' },
} satisfies Limits;

/** System calls per token there, of all threads. Futexes are told and not limited: 2.6 to 7.9, as threads meet. */
const CALLS = {
  'read pipe': { measured: 1.03, margin: 0.2, see: 'src/claude/child.ts' },
  'write socket': { measured: 1.05, margin: 0.2, see: 'src/transport/web-socket-line.ts' },
  'writev socket': { measured: 0.11, margin: 0.2, see: 'src/transport/web-socket-line.ts' },
  'pwrite64 database': { measured: 2.6, margin: 0.2, see: 'src/store/sqlite/journal-tables.ts' },
  'fsync database': { measured: 0.03, margin: 0.34, see: 'src/store/journal.ts, commit-bucket.ts' },
  'write eventfd': { measured: 2.4, margin: 0.3, see: 'src/store/sqlite/{thread,worker}.ts' },
  epoll_pwait: { measured: 7.2, margin: 0.2, see: 'timers and setImmediate in src' },
} satisfies Limits;

/** Bytes of heap. A socket that has not said hello, with its session's actor. */
const KEPT = {
  'a socket': { measured: 11_360, margin: 0.15, see: 'src/transport/websocket.ts' },
  'a conversation that sleeps': {
    measured: 23_600,
    margin: 0.2,
    see: 'src/machines/conversation.ts',
  },
} satisfies Limits;

const SOCKETS = 1_000;
const CONVERSATIONS = 100;

after(() => server?.stop());
let server: WatchedServer | null = null;

test('[P1] from the pipe to the frame: what is parsed, framed and allocated for a token', (t) => {
  const program = fileURLToPath(new URL('./through-the-line.ts', import.meta.url));
  const said = execFileSync(process.execPath, [
    '--max-semi-space-size=256',
    '--min-semi-space-size=256',
    program,
  ]);
  const { burst, paced } = JSON.parse(String(said)) as Record<'burst' | 'paced', Taken>;
  within(t, BURST, perToken(burst, 20_000));
  within(t, PACED, perToken(paced, 2_000));
});

test('[P2] a conversation of 50 tokens a second: frames, appends and system calls for a token', {
  timeout: 60_000,
}, async (t) => {
  server = await WatchedServer.start();
  const client = await server.open();
  const threadId = await greet(client);
  await turn(client, threadId, 'rate 50 for 500 after 1'); // a process that is there, and code that has run
  const tokens = 100;
  const prompt = `rate 50 for ${(tokens / 50) * 1_000} after 300`;
  const appends = await server.metric('greenroom_journal_append_seconds_count');
  const frames = await turn(client, threadId, prompt);
  const more = (await server.metric('greenroom_journal_append_seconds_count')) - appends;
  const withText = frames.filter((frame) => frame.includes('TEXT_MESSAGE_CONTENT'));
  within(t, SERVER, {
    'frames per token': withText.length / tokens,
    'appends per token': more / tokens,
  });
  if (!hasStrace) return t.diagnostic('strace is not installed: system calls are not counted');
  const calls = await callsDuring(server.served.pid, async () => {
    await turn(client, threadId, prompt);
  });
  t.diagnostic(JSON.stringify(calls));
  const counted: Calls = Object.fromEntries(
    Object.keys(CALLS).map((call) => [call, (calls[call] ?? 0) / tokens]),
  );
  within(t, CALLS, counted);
  client.close();
});

test('[P4] what an idle socket and a conversation that sleeps keep of the heap', {
  timeout: 60_000,
}, async (t) => {
  const own = await WatchedServer.start({ CHAT_MAX_PROCESSES: '4' });
  t.after(() => own.stop());
  const first = await own.open();
  await open(own, SOCKETS / 10); // code that has run
  await converse(own, first, CONVERSATIONS / 5);
  const empty = await own.heap();
  await open(own, SOCKETS);
  const withSockets = await own.heap();
  await converse(own, first, CONVERSATIONS);
  const withConversations = await own.heap();
  within(t, KEPT, {
    'a socket': (withSockets - empty) / SOCKETS,
    'a conversation that sleeps': (withConversations - withSockets) / CONVERSATIONS,
  });
});

async function open(server: WatchedServer, sockets: number): Promise<void> {
  for (let at = 0; at < sockets; at++) await server.open();
}

async function converse(server: WatchedServer, client: Client, conversations: number) {
  for (let at = 0; at < conversations; at++)
    await turn(client, await greet(client), 'rate 1000 for 1 after 1');
  while ((await server.metric('greenroom_runs')) > 0);
}

function perToken({ heapBytes, frames, frameBytes, textBytes, parses }: Taken, tokens: number) {
  return {
    'JSON.parse calls per token': parses / tokens,
    'frames per token': frames / tokens,
    'envelope bytes per frame': (frameBytes - textBytes) / frames,
    'heap bytes per token': heapBytes / tokens,
  };
}

/** @throws Where one is above its limit: says which, by how much, and where to look. */
function within(
  t: { diagnostic(message: string): void },
  limits: Limits,
  counts: Readonly<Record<string, number>>,
): void {
  t.diagnostic(JSON.stringify(counts));
  const above = Object.entries(limits).flatMap(([what, { measured, margin, see }]) => {
    const [count, atMost] = [counts[what] ?? Number.NaN, measured * (1 + margin)];
    return count <= atMost ? [] : [`${what}: ${count}, at most ${atMost}; see ${see}`];
  });
  assert.deepEqual(above, []);
}
