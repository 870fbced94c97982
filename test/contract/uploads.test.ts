/** What every store must do with images; each rule runs on each implementation. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { ConversationKey, Store } from '../../src/store/store.ts';
import { UNNAMED_BYTES_MAX, UNNAMED_MS } from '../../src/store/uploads.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';
import { directLink } from '../support/memory-store.ts';

const open = new Set<Store>();
afterEach(async () => {
  for (const store of open) await store.close();
  open.clear();
});

let now = 1_000;
const image = (id: string, bytes: Uint8Array = Buffer.from(id)) => ({
  id,
  type: 'image/png',
  bytes,
});
const FAR = 8_640_000_000_000;

async function sweep(store: Store, deletedBefore = 0): Promise<void> {
  while ((await store.sweep({ endedBefore: 0, deletedBefore, unusedSince: null })).more);
}

for (const [name, make] of Object.entries(IMPLEMENTATIONS)) {
  const opened = async () => {
    const { store } = await make(() => now);
    open.add(store);
    return store;
  };
  const ask = (store: Store, key: ConversationKey, runId: string, ...images: string[]) =>
    store.accept(key, { runId, digest: runId, text: '', images });
  const there = async (store: Store, ...ids: string[]) => {
    const found = await Promise.all(ids.map((id) => store.upload('amy', id)));
    return ids.filter((_, i) => found[i] !== null);
  };

  describe(`images in the ${name} store`, () => {
    test('[R55] an image is its user’s, and comes back as it was', async () => {
      const store = await opened();
      assert.equal(await store.putUpload('amy', image('i', Buffer.from([0, 255, 1]))), true);
      const kept = await store.upload('amy', 'i');
      assert.deepEqual([kept?.type, [...(kept?.bytes ?? [])]], ['image/png', [0, 255, 1]]);
      assert.equal(await store.upload('bob', 'i'), null);
      assert.equal(await ask(store, 'bob/t', 'r', 'i'), 'upload.unknown');
      assert.equal((await store.head('bob/t')).exists, false);
    });

    test('[R11] [R7] a prompt is kept with its images until it starts, and accepted once', async () => {
      const { store: before, succeed } = await make(() => now);
      await before.putUpload('amy', image('i'));
      assert.equal(await ask(before, 'amy/t', 'r', 'i'), 'accepted');
      assert.equal(await ask(before, 'amy/t', 'r', 'i'), 'duplicate');
      const store = await succeed();
      open.add(store);
      assert.deepEqual(
        (await store.waiting()).map(({ images }) => images),
        [['i']],
      );
      assert.equal((await store.conversation('amy/t'))?.title, 'An image');
      const lease = await store.acquire('amy/t');
      const row = { runId: 'r', chunk: '{"type":"RUN_STARTED"}', marks: 'runStarted' as const };
      await store.append(lease, [row], 'sync');
      assert.equal((await store.run('amy', 'r'))?.images, undefined);
    });

    test('so much may wait for a prompt; the same one again takes no room', async () => {
      const store = await opened();
      const half = Buffer.alloc(UNNAMED_BYTES_MAX / 2);
      for (const id of ['a', 'b', 'a'])
        assert.equal(await store.putUpload('amy', image(id, half)), true);
      assert.equal(await store.putUpload('amy', image('c', Buffer.alloc(1))), false);
      assert.equal(await store.upload('amy', 'c'), null);
      assert.equal(await store.putUpload('bob', image('c', Buffer.alloc(1))), true);
      assert.equal(await ask(store, 'amy/t', 'r', 'a'), 'accepted');
      assert.equal(await store.putUpload('amy', image('c', half)), true);
      assert.equal(await ask(store, 'amy/t', 'r2', 'a', 'b', 'c'), 'prompt.tooManyImages');
    });

    test('an image goes with the last conversation whose prompts name it', async () => {
      const store = await opened();
      for (const id of ['a', 'b', 'c']) await store.putUpload('amy', image(id));
      await ask(store, 'amy/one', 'r1', 'a', 'b');
      await ask(store, 'amy/two', 'r2', 'b');
      await store.remove('amy/one', 1);
      await sweep(store, FAR);
      assert.deepEqual(await there(store, 'a', 'b', 'c'), ['b', 'c']);
      await store.remove('amy/two', 1);
      await sweep(store, FAR);
      assert.deepEqual(await there(store, 'a', 'b', 'c'), ['c']);
    });

    test('what is said beside images is found, and what names them is not', async () => {
      const store = await opened();
      await store.putUpload('amy', image('i'));
      await store.accept('amy/t', { runId: 'r', digest: 'd', text: 'a lighthouse', images: ['i'] });
      const url = { type: 'url', value: '/chat/api/uploads/i' };
      const content = [
        { type: 'image', source: url },
        { type: 'text', text: 'a lighthouse' },
      ];
      const input = { messages: [{ id: 'u:r', role: 'user', content }] };
      const rows = [
        { type: 'RUN_STARTED', runId: 'r', input },
        { type: 'RUN_FINISHED', runId: 'r', outcome: { type: 'success' } },
      ].map((event, i) => ({
        ...{ runId: 'r', chunk: JSON.stringify(event) },
        marks: (['runStarted', 'runEnded'] as const)[i] ?? 'runEnded',
      }));
      await store.append(await store.acquire('amy/t'), rows, 'sync');
      await sweep(store); // what is folded is searched
      const bounds = { messagesMax: 10, bytesMax: 10_000, atLeastOne: true };
      const { messages } = await store.messages('amy/t', null, bounds);
      assert.deepEqual(messages[0]?.content, content);
      const found = await store.search('amy', 'lighthouse', null, 10);
      assert.equal(found.found[0]?.matches?.[0]?.messageId, 'u:r');
      await store.rename('amy/t', 'Another', 'user');
      for (const words of ['uploads', 'image', 'url'])
        assert.deepEqual((await store.search('amy', words, null, 10)).found, [], words);
    });
  });
}

test('an image that no prompt names, or whose prompt was taken back, goes after a day', async () => {
  const store = new SqliteStore(directLink(':memory:', () => now));
  open.add(store);
  const left = async () => {
    await sweep(store);
    const ids = ['early', 'named', 'back', 'late'];
    const found = await Promise.all(ids.map((id) => store.upload('amy', id)));
    return ids.filter((_, i) => found[i] !== null);
  };
  for (const id of ['early', 'named', 'back']) await store.putUpload('amy', image(id));
  const command = { digest: 'd', text: 'x' };
  await store.accept('amy/t', { ...command, runId: 'r1', images: ['named'] });
  await store.accept('amy/t', { ...command, runId: 'r2', images: ['back'] });
  now += UNNAMED_MS;
  await store.withdraw('amy/t', 'r2');
  await store.putUpload('amy', image('late'));
  assert.deepEqual(await left(), ['early', 'named', 'back', 'late']);
  now += 1;
  assert.deepEqual(await left(), ['named', 'back', 'late']);
  now += UNNAMED_MS;
  assert.deepEqual(await left(), ['named']);
});
