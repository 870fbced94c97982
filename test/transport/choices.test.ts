/** `choose` and `chosen` on the wire. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestClient } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ CHAT_CLAUDE_MODELS: 'opus,haiku' });
});
after(() => server.stop());

const open = async (user = 'ada') =>
  TestClient.open(server.webSocketUrl, server.origin, await server.cookieFor(user));

test('[CH2] every watcher is told what is chosen, and who comes later too', async () => {
  const [client, other] = [await open(), await open()];
  const threadId = await client.hello();
  assert.equal((await client.direct('chosen')).model, null);
  await other.hello(threadId);
  await other.direct('chosen');
  const from = other.frames.length;
  client.send({ type: 'choose', model: 'haiku', ref: 'c1' });
  assert.equal((await client.direct('reply')).fault, null);
  const set = { type: 'chosen', model: 'haiku', effort: null, repository: null };
  assert.deepEqual(await other.direct('chosen', from), set);
  const late = await open();
  await late.hello(threadId);
  assert.deepEqual(await late.direct('chosen'), set);
  await Promise.all([client.close(), other.close(), late.close()]);
});

test('[R57] what is not offered is refused, changes nothing and ends nothing', async () => {
  const client = await open();
  await client.hello();
  for (const change of [{ model: 'sonnet' }, { effort: 'high' }, { repository: 'ada/engine' }]) {
    const from = client.frames.length;
    client.send({ type: 'choose', ...change, ref: 'c' });
    assert.equal((await client.direct('reply', from)).fault, 'choice.refused');
  }
  const again = client.frames.length;
  await client.hello((await client.direct('welcome')).threadId);
  const { model, effort, repository } = await client.direct('chosen', again);
  assert.deepEqual([model, effort, repository], [null, null, null]);
  await client.close();
});

test('[CH2] nothing can be chosen where nothing is watched: the socket is told only after `hello`', async () => {
  const client = await open();
  client.send({ type: 'choose', model: 'haiku', ref: 'c1' });
  await client.hello();
  assert.equal(
    client.frames.some((frame) => 'type' in frame && frame.type === 'reply'),
    false,
  );
  assert.equal((await client.direct('chosen')).model, null);
  await client.close();
});

test('[CH7] completion is for who is signed in, and for their own workspace', async () => {
  const url = `${server.origin}/chat/api/files/complete?q=a`;
  assert.equal((await fetch(url)).status, 401);
  const headers = { Cookie: await server.cookieFor('bob') };
  assert.deepEqual(await (await fetch(url, { headers })).json(), { paths: [] });
  assert.equal((await fetch(`${url}&threadId=../x`, { headers })).status, 404);
});
