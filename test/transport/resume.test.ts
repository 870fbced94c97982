import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { KeptFrame } from '../../src/transport/protocol.ts';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited' }, { store });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = (query = '', as = cookie) =>
  TestClient.open(server.webSocketUrl, server.origin, as, query);
const seqOf = ({ id }: KeptFrame) => Number(id.split('.')[1]);
const isEnd = (frame: object) =>
  'chunk' in frame && ['RUN_FINISHED', 'RUN_ERROR'].includes((frame as KeptFrame).chunk.type);

/** Keeps the bytes as they came. */
function bytesOf(client: TestClient): string[] {
  const kept: string[] = [];
  client.socket.on('message', (data) => {
    const text = String(data);
    if (text.startsWith('{"id":')) kept.push(text);
  });
  return kept;
}

test('[R3] ids are 1, 2, 3 … within a conversation, over its runs and takeovers', async () => {
  const threadId = randomUUID();
  const first = await writerOf(store, 'alice', threadId);
  await first.run('r1', 'one', ['a', 'b']);
  const second = await writerOf(store, 'alice', threadId);
  await second.run('r2', 'two', ['c']);
  const client = await open();
  client.send({ type: 'hello', threadId, after: '1.1' });
  await client.direct('caughtUp');
  assert.deepEqual(client.kept.map(seqOf), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(new Set(client.kept.map(({ id }) => id.split('.')[0])), new Set(['1', '2']));
  await client.close();
});

test('[R4] any number of disconnects and resumes yields the same bytes once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 3, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 2, maxLength: 10 }),
      async (cuts, batches) => {
        const threadId = randomUUID();
        const writer = await writerOf(store, 'alice', threadId);
        const watcher = await open();
        const undisturbed = bytesOf(watcher);
        await watcher.hello(threadId);
        const received: string[] = [];
        let cursor: string | null = null;
        let done = false;

        /** One life of the disturbed client: it is cut after so many frames, or sees the end. */
        const live = async (frames: number) => {
          const client = await open();
          const own = bytesOf(client);
          const enough = new Promise<void>((resolve) => {
            client.socket.on('message', () => {
              if (own.length < frames && !own.at(-1)?.includes('"RUN_FINISHED"')) return;
              client.socket.terminate();
              resolve();
            });
          });
          client.send({ type: 'hello', threadId, after: cursor });
          await enough;
          await client.closed;
          received.push(...own);
          cursor = (JSON.parse(own.at(-1) ?? '{}') as { id?: string }).id ?? cursor;
          done ||= own.at(-1)?.includes('"RUN_FINISHED"') === true;
        };

        const produce = async () => {
          await writer.start('run', 'go');
          for (const [i, count] of batches.entries()) {
            const words = Array.from({ length: count }, (_, at) => `w${i}.${at} `);
            await writer.say('run', 'm1', ...words);
            await new Promise((resolve) => setImmediate(resolve));
          }
          await writer.finish('run');
        };
        const produced = produce();
        for (const frames of cuts) if (!done) await live(frames);
        while (!done) await live(Number.POSITIVE_INFINITY);
        await produced;
        await watcher.find(isEnd);
        assert.deepEqual(received, undisturbed);
        await watcher.close();
      },
    ),
    { seed: 4, numRuns: 12 },
  );
});

test('[R4] a run of the agent is whole after disconnects in its middle', async () => {
  const watcher = await open();
  const undisturbed = bytesOf(watcher);
  const threadId = await watcher.hello(randomUUID());
  const runId = watcher.prompt(threadId, 'a flood, please');
  const received: string[] = [];
  let cursor: string | null = null;
  while (!received.at(-1)?.includes('"RUN_FINISHED"')) {
    const client = await open();
    const own = bytesOf(client);
    client.send({ type: 'hello', threadId, after: cursor });
    await client.find((frame) => isEnd(frame) || own.length >= 4);
    client.socket.terminate();
    await client.closed;
    received.push(...own);
    cursor = (JSON.parse(received.at(-1) ?? '{}') as { id?: string }).id ?? cursor;
  }
  await watcher.runEnded(runId);
  assert.deepEqual(received, undisturbed);
  assert.equal(watcher.text.split(/\s+/).filter((word) => word === 'word').length, 20_000);
  await watcher.close();
});

test('[R5] a cursor of another term, ahead of the head, or that is none gets a reset', async () => {
  const threadId = randomUUID();
  const writer = await writerOf(store, 'alice', threadId);
  await writer.run('r5', 'five', ['x']);
  for (const after of ['2.3', '1.7', '9.9', '1.0', '0.1', '-1', '', 'x', '1.1 ', '1.1.1']) {
    const client = await open();
    client.send({ type: 'hello', threadId, after });
    const reset = await client.direct('reset');
    await client.direct('caughtUp');
    assert.equal(client.kept.length, 5, `after ${after} the last run follows whole`);
    assert.equal(reset.head, null, 'a reset names the place its frames go on from');
    await client.close();
  }
});

test('[R5] a valid cursor gets no reset', async () => {
  const threadId = randomUUID();
  const writer = await writerOf(store, 'alice', threadId);
  await writer.run('r5b', 'five', ['x']);
  const client = await open();
  client.send({ type: 'hello', threadId, after: '1.5' });
  await client.direct('caughtUp');
  assert.deepEqual(client.kept, []);
  assert.ok(!client.frames.some((frame) => 'type' in frame && frame.type === 'reset'));
  await client.close();
});

test('[R7] the same run id and prompt on one socket, on two and after a reconnect is one run', async () => {
  const [first, second] = [await open(), await open()];
  const threadId = await first.hello(randomUUID());
  await second.hello(threadId);
  const runId = randomUUID();
  for (const client of [first, first, second, second])
    client.prompt(threadId, 'error, please', runId);
  await first.runEnded(runId);
  await second.runEnded(runId);
  first.socket.terminate();
  const third = await open();
  await third.hello(threadId);
  const from = third.frames.length;
  third.prompt(threadId, 'error, please', runId);
  const reply = await third.direct('reply', from);
  assert.deepEqual([reply.ref, reply.fault], [runId, null]);
  const starts = third.events.filter(({ type }) => type === 'RUN_STARTED');
  assert.equal(starts.length, 1);
  assert.equal(second.events.filter(({ type }) => type === 'RUN_STARTED').length, 1);
  await Promise.all([second.close(), third.close()]);
});

test('[R7] the same run id with another prompt, or in another thread, is refused', async () => {
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const runId = client.prompt(threadId, 'error, please');
  await client.runEnded(runId);
  for (const [thread, text] of [
    [threadId, 'something else'],
    [randomUUID(), 'error, please'],
  ] as const) {
    const from = client.frames.length;
    client.prompt(thread, text, runId);
    const refusal = await client.event('RUN_ERROR', from);
    assert.equal(refusal.code, 'run.idReused');
    assert.equal((await client.direct('reply', from)).fault, 'run.idReused');
  }
  await client.close();
});

test('[R8] three sockets see the identical sequence, the prompt included', async () => {
  const clients = await Promise.all([open(), open(), open()]);
  const bytes = clients.map(bytesOf);
  const threadId = randomUUID();
  for (const client of clients) await client.hello(threadId);
  const runId = clients[1]?.prompt(threadId, 'error, for all three') ?? '';
  await Promise.all(clients.map((client) => client.runEnded(runId)));
  assert.deepEqual(bytes[1], bytes[0]);
  assert.deepEqual(bytes[2], bytes[0]);
  const start = clients[2]?.events.find((event) => event.type === 'RUN_STARTED');
  assert.equal(start?.input?.messages.at(-1)?.content, 'error, for all three');
  await Promise.all(clients.map((client) => client.close()));
});

test('[R9] closing every socket ends no run', async () => {
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const runId = client.prompt(threadId, 'a flood, please');
  await client.event('TEXT_MESSAGE_CONTENT');
  client.socket.terminate();
  await client.closed;
  const later = await open();
  await later.hello(threadId);
  const end = await later.runEnded(runId);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'success');
  await later.close();
});

test('[R8] a client that caught up is told the state, and each change of it', async () => {
  // Connection.tellState is called by nobody: no `state` frame is ever sent.
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const runId = client.prompt(threadId, 'error, please');
  await client.runEnded(runId);
  await client.hello(threadId);
  const states = client.frames.flatMap((frame) =>
    'type' in frame && frame.type === 'state' ? [[frame.state, frame.runId]] : [],
  );
  await client.close();
  assert.deepEqual(states, [
    ['idle', null],
    ['streaming', runId],
    ['idle', null],
    ['idle', null],
  ]);
});

test('a new hello switches to another conversation and leaves the first', async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  const [first, second] = [
    await writerOf(store, 'alice', one),
    await writerOf(store, 'alice', two),
  ];
  const client = await open();
  await client.hello(one);
  await client.hello(two);
  await first.run('s1', 'unseen', ['no']);
  await second.run('s2', 'seen', ['yes']);
  await client.runEnded('s2');
  assert.deepEqual(
    client.events.flatMap((event) => (event.type === 'RUN_STARTED' ? [event.runId] : [])),
    ['s2'],
  );
  await client.close();
});

test('a hello without a thread gets a new id, which exists from its first prompt on', async () => {
  const client = await open();
  client.send({ type: 'hello', threadId: null, after: null });
  const welcome = await client.direct('welcome');
  assert.match(welcome.threadId, /^[A-Za-z0-9_-]{1,64}$/);
  assert.equal(welcome.head, null);
  assert.equal((await store.head(`alice/${welcome.threadId}`)).exists, false);
  const runId = client.prompt(welcome.threadId, 'error');
  await client.runEnded(runId);
  assert.equal((await store.head(`alice/${welcome.threadId}`)).exists, true);
  await client.close();
});

test('welcome holds the fields of the contract', async () => {
  const client = await open();
  await client.hello(randomUUID());
  const { type, protocol, limits, agent, sandbox, maxPromptBytes, user, operator } =
    await client.direct('welcome');
  assert.deepEqual(
    { type, protocol, user, operator, sandbox, maxPromptBytes },
    {
      type: 'welcome',
      protocol: 1,
      user: 'alice',
      operator: false,
      sandbox: 'none',
      maxPromptBytes: 32_768,
    },
  );
  assert.equal(agent.kind, 'demo');
  assert.equal(limits.hour.max, null);
  assert.equal(limits.day.max, 500);
  await client.close();
});

test('a prompt behind a live run waits as pending for every watcher, and starts after it', async () => {
  const [client, other] = [await open(), await open()];
  const threadId = await client.hello(randomUUID());
  await other.hello(threadId);
  const first = client.prompt(threadId, 'a flood, please');
  await client.event('TEXT_MESSAGE_CONTENT');
  const second = client.prompt(threadId, 'error, then');
  const isWaiting = (frame: object) =>
    'type' in frame &&
    frame.type === 'pending' &&
    (frame as unknown as { items: { runId: string }[] }).items.some(
      ({ runId }) => runId === second,
    );
  const pending = await other.find(isWaiting);
  assert.deepEqual((pending as { items: unknown }).items, [
    { runId: second, text: 'error, then', why: 'queued', waitsFor: 'turn', position: 1 },
  ]);
  await other.runEnded(second);
  const order = other.events.flatMap((event) =>
    event.type === 'RUN_STARTED' ? [event.runId] : [],
  );
  assert.deepEqual(order, [first, second]);
  await Promise.all([client.close(), other.close()]);
});

test('an aborted prompt that still waits is withdrawn, and its id is free', async () => {
  const client = await open();
  const threadId = await client.hello(randomUUID());
  const first = client.prompt(threadId, 'slow, please');
  await client.event('RUN_STARTED');
  const second = client.prompt(threadId, 'never mind');
  await client.find(
    (frame) => 'type' in frame && frame.type === 'pending' && frame.items.length === 1,
  );
  const from = client.frames.length;
  client.send({ type: 'abort', runId: second, ref: 'a1' });
  await client.find(
    (frame) => 'type' in frame && frame.type === 'pending' && frame.items.length === 0,
    from,
  );
  client.send({ type: 'abort', runId: first, ref: 'a2' });
  const end = await client.runEnded(first);
  assert.equal(end.type === 'RUN_FINISHED' && end.outcome?.type, 'cancelled');
  client.prompt(threadId, 'error, as another prompt', second);
  assert.equal((await client.runEnded(second)).type, 'RUN_ERROR');
  await client.close();
});
