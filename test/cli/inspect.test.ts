import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { actorTree, eventLine } from '../../src/cli/actor-tree.ts';
import { inspect } from '../../src/cli/inspect.ts';
import { replayFile } from '../../src/cli/replay.ts';
import type { ActorRow } from '../../src/transport/ops/protocol.ts';
import { TestClient } from '../support/client.ts';
import { startServer } from '../support/server.ts';

const RECORDED = fileURLToPath(
  new URL('../fixtures/capsules/approval-abort-crash.json', import.meta.url),
);

const row = (more: Partial<ActorRow>): ActorRow => ({
  ...{ id: 'c1', kind: 'conversation', state: 'alive.running', user: 'alice', since: 0 },
  ...more,
});

test('the tree shows who belongs to whom, and what is known of each', () => {
  const rows = [
    row({ run: 'r1', queue: 2, tokensPerSecond: 41, fault: 'claude.api' }),
    row({ id: 'claude:c1', kind: 'claude', of: 'c1', pid: 7, residentBytes: 2 ** 28 }),
    row({ id: 's1', kind: 'session', state: 'streaming', of: 'c1', behind: 3, unsentBytes: 9 }),
    row({ id: 's2', kind: 'session', state: 'authenticating', user: null, since: 7_000_000 }),
    row({ id: 'parked-1', kind: 'parked', state: 'waiting', of: 'gone' }),
  ];
  assert.deepEqual(actorTree(rows, 7_200_000), [
    'conversation  c1  alice  alive.running  2 h  run r1  2 waiting  41/s  last fault claude.api',
    '├ claude  claude:c1  alice  alive.running  2 h  pid 7  256 MiB',
    '└ session  s1  alice  streaming  2 h  3 rows behind  9 bytes unsent',
    'session  s2  -  authenticating  3 min',
    'parked  parked-1  alice  waiting  2 h',
  ]);
});

test('an event is one line: when, from whom to whom, what, and where it leads', () => {
  const line = eventLine({
    ...{ n: 1, at: 1_000, actor: 'c1', kind: 'conversation', from: 'claude', moved: true },
    ...{ event: { type: 'claude.exited', fault: 'claude.crashed' }, state: 'dormant', context: {} },
  });
  assert.equal(
    line,
    '00:00:01.000 claude→conversation        c1              claude.exited fault="claude.crashed" → dormant',
  );
});

/** What is written, and a way to wait for more of it. */
function paper(size: { columns: number; rows: number } | null = null) {
  let text = '';
  const waiting = new Set<() => void>();
  return {
    size,
    write(more: string) {
      text += more;
      for (const look of [...waiting]) look();
    },
    until: (words: RegExp) =>
      new Promise<string>((resolve) => {
        const look = () => words.test(text) && resolve(text);
        waiting.add(look);
        look();
      }),
    get text() {
      return text;
    },
  };
}

test('[OP2] greenroom inspect draws what lives, follows one, and ends with the server', async () => {
  const server = await startServer();
  const chat = await TestClient.open(
    server.webSocketUrl,
    server.origin,
    await server.cookieFor('alice'),
  );
  const threadId = await chat.hello();
  const [live, small, all] = [paper(), paper({ columns: 30, rows: 4 }), paper()];
  const drawing = inspect(server, [], live);
  const drawingSmall = inspect(server, [], small);
  await live.until(/session .* alice {2}idle/);
  await chat.runEnded(chat.prompt(threadId, 'hello'));
  await live.until(/conversation .* alice {2}alive\.ready/);
  await inspect(server, ['--once'], all);
  const [, id = ''] = /conversation {2}(\S+)/.exec(all.text) ?? [];
  const followed = paper();
  const following = inspect(server, [id], followed);
  await followed.until(/^$/);
  await chat.runEnded(chat.prompt(threadId, 'hello again'));
  await followed.until(/claude→conversation .* claude\.turnEnded/);
  await small.until(/lines more/);
  for (const line of small.text.split('\n'))
    assert.ok(line.length <= 30 + '\u001B[H\u001B[J'.length);
  await assert.rejects(
    inspect(server, ['nobody'], paper()),
    /no actor that lives is called nobody/,
  );
  await chat.close();
  await server.stop();
  await Promise.all([drawing, drawingSmall, following]);
});

test('greenroom inspect says where no server runs, and what it cannot read', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  await assert.rejects(inspect({ dataDir }, [], paper()), /no server runs/);
  await assert.rejects(inspect({ dataDir }, ['a', 'b'], paper()), /one actor at most/);
  await assert.rejects(inspect({ dataDir }, ['--loud'], paper()), /inspect: .*loud/);
});

test('[OP6] greenroom replay prints the path, and says whether it ends as it did', async () => {
  const { text, same } = await replayFile([RECORDED]);
  assert.equal(same, true);
  for (const words of [
    /user\.abort +alive\.interrupting/,
    /claude\.exited +dormant/,
    /as a fold and alive/,
  ])
    assert.match(text, words);
  const dir = mkdtempSync(join(tmpdir(), 'greenroom-'));
  const other = join(dir, 'other.json');
  const capsule = JSON.parse(readFileSync(RECORDED, 'utf8'));
  writeFileSync(
    other,
    JSON.stringify({ ...capsule, machine: 'x', entries: capsule.entries.slice(3) }),
  );
  const changed = await replayFile([other]);
  assert.equal(changed.same, false);
  assert.match(changed.text, /ends otherwise.*\n.*another machine/);
  for (const [words, bad] of [
    [/is not JSON/, 'what?'],
    [/format/, '{}'],
    [
      /entries\.0\.at/,
      JSON.stringify({ ...capsule, entries: [{ at: 'x', event: { type: 'y' } }] }),
    ],
  ] as const) {
    writeFileSync(other, bad);
    await assert.rejects(replayFile([other]), words);
  }
  await assert.rejects(replayFile([]), /name one FILE/);
});
