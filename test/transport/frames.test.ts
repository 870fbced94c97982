import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer(
    {
      CHAT_MAX_FRAME_BYTES: '131072',
      CHAT_MAX_SOCKETS_PER_USER: '1000',
      // Floods have a test of their own: here every frame is to be read.
      CHAT_MAX_FRAMES_PER_SECOND: 'unlimited',
    },
    { store },
  );
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = () => TestClient.open(server.webSocketUrl, server.origin, cookie);

/** The close code that one message, or what `act` does, is answered with. */
async function closeCode(act: ((client: TestClient) => void) | string | object): Promise<number> {
  const client = await open();
  if (typeof act === 'function') act(client);
  else client.send(act);
  return (await client.closed).code;
}

test('[R46] a message over the maximum closes with 1009, one of exactly the maximum does not', async () => {
  const frame = (bytes: number) => {
    const head = '{"type":"pong","pad":"';
    return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
  };
  assert.equal(await closeCode(frame(131_073)), 1009);
  const client = await open();
  client.send(frame(131_072));
  await client.hello();
  await client.close();
});

test('[R46] more than 64 fragments are refused', async () => {
  const code = await closeCode(({ socket }) => {
    for (let i = 0; i < 80; i++) socket.send(i === 0 ? '{' : '', { fin: false });
  });
  assert.equal(code, 1008);
});

test('[R46] up to 64 fragments are one message', async () => {
  const client = await open();
  const text = JSON.stringify({ type: 'hello', threadId: randomUUID(), after: null });
  const step = Math.ceil(text.length / 60);
  for (let at = 0; at < text.length; at += step)
    client.socket.send(text.slice(at, at + step), { fin: at + step >= text.length });
  await client.direct('caughtUp');
  await client.close();
});

test('[R51] a binary message closes with 4400', async () => {
  assert.equal(await closeCode(({ socket }) => socket.send(Buffer.from('{"type":"pong"}'))), 4400);
});

test('[R46] text that is not UTF-8 closes with 1007', async () => {
  const code = await closeCode(({ socket }) =>
    socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false }),
  );
  assert.equal(code, 1007);
});

test('[R51] a frame that cannot be read closes with 4400', async () => {
  for (const bad of [
    'nonsense',
    '',
    '[]',
    'null',
    '{}',
    '{"type":"unheard"}',
    `${'['.repeat(5_000)}`,
    { type: 'hello', threadId: '../..', after: null },
    { type: 'abort', runId: 'a b' },
    { threadId: 't', runId: 'r', messages: [{ role: 'user', content: '\ud800' }] },
    { threadId: 't', runId: 'r', messages: [{ role: 'user', content: 7 }] },
  ])
    assert.equal(await closeCode(bad), 4400, JSON.stringify(bad).slice(0, 60));
});

test('[R56] a prompt over the maximum closes with 4413', async () => {
  const client = await open();
  const threadId = await client.hello();
  client.prompt(threadId, 'x'.repeat(32_769));
  assert.equal((await client.closed).code, 4413);
});

test('[R51] the client’s own close is answered with its code', async () => {
  const client = await open();
  client.socket.close(1000);
  assert.equal((await client.closed).code, 1000);
});

test('a reply names the ref of what it answers', async () => {
  const client = await open();
  await client.hello();
  for (const frame of [
    { type: 'pong', ref: 'p' },
    { type: 'abort', runId: 'nobodys', ref: 'a' },
    { type: 'unpark', runId: 'nobodys', ref: 'u', fault: 'run.unknown' },
  ]) {
    const from = client.frames.length;
    const { fault = null, ...said } = frame as typeof frame & { fault?: string };
    client.send(said);
    assert.deepEqual(await client.direct('reply', from), {
      type: 'reply',
      ref: frame.ref,
      fault,
    });
  }
  await client.close();
});

/** The contract's codes, and those that a WebSocket library gives for broken messages. */
const CODES = new Set([
  1000, 1001, 1007, 1008, 1009, 1012, 1013, 4400, 4401, 4403, 4404, 4408, 4413, 4429,
]);

test('[R52] 10,000 fuzzed frames: no crash, a code of the contract, bounded memory, and others stream on', async () => {
  const threadId = randomUUID();
  const healthy = await open();
  await healthy.hello(threadId);
  const writer = await writerOf(store, 'alice', threadId);
  await writer.start('healthy');
  const valid = [
    { type: 'hello', threadId: 'fuzz', after: null },
    { type: 'hello', threadId: null, after: '1.1' },
    { type: 'abort', runId: 'r' },
    { type: 'unpark', runId: 'r', ref: 'x' },
    { type: 'pong', ref: 'x' },
    { threadId: 'fuzz', runId: 'r', messages: [{ role: 'user', content: ' ' }] },
    {
      threadId: 'fuzz',
      runId: 'r2',
      messages: [],
      resume: [{ interruptId: 'i', status: 'resolved', payload: true }],
    },
  ].map((frame) => JSON.stringify(frame));
  const mutated = fc
    .tuple(fc.constantFrom(...valid), fc.nat(), fc.nat(8), fc.string({ maxLength: 6 }))
    .map(([text, at, cut, added]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + added + text.slice(from + cut);
    });
  const frame = fc.oneof(
    { weight: 4, arbitrary: mutated },
    { weight: 2, arbitrary: fc.constantFrom(...valid) },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  );
  const frames = fc.sample(frame, { seed: 5_252, numRuns: 10_000 });
  const heapBefore = process.memoryUsage().heapUsed;
  const codes = new Set<number>();
  let words = 0;
  const send = async (some: readonly (string | Uint8Array)[]) => {
    let client = await open();
    for (const [i, one] of some.entries()) {
      if (client.socket.readyState !== client.socket.OPEN) {
        codes.add((await client.closed).code);
        client = await open();
      }
      // A frame at a time, so that the next does not fall into a closing socket unseen.
      client.socket.send(one, { binary: typeof one !== 'string' && i % 2 === 0 });
      if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.close(1000);
    codes.add((await client.closed).code);
  };
  const lanes = 20;
  const share = frames.length / lanes;
  await Promise.all([
    ...Array.from({ length: lanes }, (_, i) => send(frames.slice(i * share, (i + 1) * share))),
    (async () => {
      for (; words < 200; words++) {
        await writer.say('healthy', 'm', 'w');
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writer.finish('healthy');
    })(),
  ]);
  await healthy.runEnded('healthy');
  assert.equal(healthy.text.length, 200);
  assert.equal(healthy.socket.readyState, healthy.socket.OPEN);
  assert.deepEqual(
    [...codes].filter((code) => !CODES.has(code)),
    [],
  );
  const grown = process.memoryUsage().heapUsed - heapBefore;
  assert.ok(grown < 150 * 1024 * 1024, `${Math.round(grown / 1e6)} MB more heap`);
  await healthy.close();
});
