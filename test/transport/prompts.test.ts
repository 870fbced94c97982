import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let cookie: string;

before(async () => {
  server = await startServer({ CHAT_MAX_REQUESTS_PER_HOUR: 'unlimited' });
  cookie = await server.cookieFor('alice');
});
after(() => server.stop());

const open = (as = cookie) => TestClient.open(server.webSocketUrl, server.origin, as);

test('[R53] what looks like a flag, a command or a file reaches the agent as plain text', async () => {
  const texts = [
    '--help',
    '-p x',
    '/clear',
    '@/etc/passwd',
    '👩‍👩‍👧 \u202e ü\u0301',
    '{"type":"user"}\n{}',
  ];
  await Promise.all(
    texts.map(async (text) => {
      const client = await open();
      const threadId = await client.hello(randomUUID());
      const runId = client.prompt(threadId, text);
      const quoted = text.replace(/^/gm, '> ').replaceAll(/\s+/g, ' ');
      await client.find(() => client.text.replaceAll(/\s+/g, ' ').includes(quoted));
      client.send({ type: 'abort', runId });
      await client.runEnded(runId);
      await client.close();
    }),
  );
});

test('[R53] a prompt with a NUL is refused, the socket lives and the id stays free', async () => {
  const client = await open();
  const threadId = await client.hello();
  const runId = client.prompt(threadId, 'a\0b');
  assert.equal((await client.event('RUN_ERROR')).code, 'prompt.badCharacter');
  assert.equal((await client.direct('reply')).fault, 'prompt.badCharacter');
  client.prompt(threadId, 'error', runId);
  await client.event('RUN_STARTED');
  await client.close();
});

test('[R55] the same thread and run id of two users are two conversations', async () => {
  const [alice, bob] = [await open(), await open(await server.cookieFor('bob'))];
  const [threadId, runId] = [randomUUID(), randomUUID()];
  await alice.hello(threadId);
  await bob.hello(threadId);
  alice.prompt(threadId, 'error, says alice', runId);
  await alice.runEnded(runId);
  assert.deepEqual(bob.kept, []);
  bob.send({ type: 'abort', runId, ref: 'x' });
  bob.send({ type: 'abort', runId: 'unknown', ref: 'y' });
  await bob.find((frame) => 'type' in frame && frame.type === 'reply' && frame.ref === 'y');
  const replies = bob.frames.filter((frame) => 'type' in frame && frame.type === 'reply');
  assert.deepEqual(
    replies.map((reply) => ({ ...reply, ref: '' })),
    [0, 1].map(() => ({ type: 'reply', ref: '', fault: null })),
  );
  bob.prompt(threadId, 'error, says bob', runId);
  const start = await bob.event('RUN_STARTED');
  assert.equal(start.input?.messages[0]?.content, 'error, says bob');
  await Promise.all([alice.close(), bob.close()]);
});

test('only the RUN_STARTED that carries a prompt may be over 64 KiB, whatever the prompt is made of', async () => {
  const client = await open();
  const threadId = await client.hello();
  await client.runEnded(client.prompt(threadId, `error ${'"'.repeat(32_768 - 6)}`));
  const longest = Math.max(
    ...client.kept
      .filter(({ chunk }) => chunk.type !== 'RUN_STARTED')
      .map(({ chunk }) => Buffer.byteLength(JSON.stringify(chunk))),
  );
  await client.close();
  assert.ok(longest <= 65_536, `${longest} bytes`);
});

test('a run that fails says why by its code', async () => {
  const client = await open();
  const threadId = await client.hello();
  const end = await client.runEnded(client.prompt(threadId, 'error'));
  assert.equal(end.type === 'RUN_ERROR' && end.code, 'claude.api');
  await client.close();
});
