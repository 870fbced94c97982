/** Conversations kept at the top of the list, over HTTP, and what other windows hear of it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PINNED_MAX } from '../../src/store/history.ts';
import type { ConversationPage, ConversationView } from '../../src/transport/views.ts';
import { TestClient } from '../support/client.ts';
import { memoryStore } from '../support/memory-store.ts';
import { writerOf } from '../support/rows.ts';
import { startServer, type TestServer } from '../support/server.ts';

const store = memoryStore();
let server: TestServer;
before(async () => {
  server = await startServer({}, { store });
});
after(() => server.stop());

/** A user of this test's own, with conversations of these names, the last one used last. */
async function userWith(...threads: string[]) {
  const user = `u${randomUUID().slice(0, 8)}`;
  for (const thread of threads)
    await (await writerOf(store, user, thread)).run(`${user}-${thread}`, thread, ['answer']);
  const cookie = await server.cookieFor(user);
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}/chat/api/conversations${path}`, {
      ...init,
      headers: { Cookie: cookie, ...init.headers },
    });
  const patch = (thread: string, body: object, headers = {}) =>
    ask(`/${thread}`, { method: 'PATCH', body: JSON.stringify(body), headers });
  const titles = async (query = '') =>
    ((await (await ask(query)).json()) as ConversationPage).conversations.map(({ title }) => title);
  return { user, cookie, ask, patch, titles };
}

async function faultOf(answer: Response) {
  return [answer.status, ((await answer.json()) as { fault: string }).fault];
}

test('[HI9] a pinned conversation is on top of the list until it is unpinned; a search orders by last use', async () => {
  const { patch, titles } = await userWith('one', 'two', 'three');
  const pinned = await patch('one', { pinned: true });
  assert.equal(pinned.status, 200);
  assert.equal(((await pinned.json()) as ConversationView).pinned, true);
  assert.deepEqual(await titles(), ['one', 'three', 'two']);
  assert.deepEqual(await titles('?q=answer'), ['three', 'two', 'one']);
  assert.equal((await patch('one', { pinned: false })).status, 200);
  assert.deepEqual(await titles(), ['three', 'two', 'one']);
});

test('[HI9] only true and false pin, and nothing of a foreign origin does', async () => {
  const { patch, titles } = await userWith('one', 'two');
  for (const pinned of [1, 'true', null, {}])
    assert.deepEqual(await faultOf(await patch('one', { pinned })), [400, 'request.malformed']);
  const foreign = await patch('one', { pinned: true }, { Origin: 'https://evil.example' });
  assert.deepEqual(await faultOf(foreign), [403, 'origin.refused']);
  assert.deepEqual(await titles(), ['two', 'one']);
});

test('[HI9] one pinned too many is refused, says what to do, and changes nothing', async () => {
  const threads = Array.from({ length: PINNED_MAX + 1 }, (_, i) => `t${i}`);
  const { ask, patch, titles } = await userWith(...threads);
  const [last = ''] = threads.splice(-1);
  for (const thread of threads) assert.equal((await patch(thread, { pinned: true })).status, 200);
  const refused = await patch(last, { pinned: true });
  assert.equal(refused.status, 409);
  const { fault, message } = (await refused.json()) as { fault: string; message: string };
  assert.equal(fault, 'pin.tooMany');
  assert.match(message, /unpin one/i);
  assert.equal((await titles('?limit=1')).at(-1), last, 'below all that are pinned');
  assert.equal((await patch('t0', { pinned: true })).status, 200, 'again is no more of them');
  await ask('/t0', { method: 'DELETE' });
  assert.equal((await patch(last, { pinned: true })).status, 200, 'what is deleted makes room');
  const restored = await patch('t0', { deleted: false });
  assert.equal(((await restored.json()) as ConversationView).pinned, true, 'and comes back pinned');
});

test('[HI7] [HI9] other windows of its user hear that a conversation is pinned, nobody else does', async () => {
  const { cookie, patch } = await userWith('one');
  const others = await server.cookieFor('mallory');
  const [own, other] = await Promise.all(
    [cookie, others].map((as) => TestClient.open(server.webSocketUrl, server.origin, as)),
  );
  assert.ok(own && other);
  await own.hello();
  await other.hello();
  await patch('one', { pinned: true });
  const told = await own.direct('conversation');
  assert.deepEqual([told.threadId, told.conversation?.pinned], ['one', true]);
  await patch('one', { pinned: false });
  await own.find((frame) => 'conversation' in frame && frame.conversation?.pinned === false);
  assert.ok(!other.frames.some((frame) => 'type' in frame && frame.type === 'conversation'));
  await Promise.all([own, other].map((client) => client.close()));
});
