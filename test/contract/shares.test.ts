/** What every store must keep of links to conversations. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { READERS_MAX } from '../../src/store/shares.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import type { ConversationKey, Store } from '../../src/store/store.ts';
import { uploadId } from '../../src/store/uploads.ts';
import { PNG } from '../support/images.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';
import { directLink } from '../support/memory-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenroom-shares-'));
after(() => rmSync(dir, { recursive: true, force: true }));

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  describe(`shares in the ${name} store`, () => {
    let store: Store;
    before(async () => {
      ({ store } = await open());
    });
    after(() => store.close());

    /** A conversation that is shared until 100, under a hash that is its thread's id. */
    async function shared(threadId: string): Promise<ConversationKey> {
      const key: ConversationKey = `amy/${threadId}`;
      await store.accept(key, { runId: `r-${threadId}`, digest: 'd', text: 'hello' });
      const share = { idHash: threadId, key, createdAt: 1, expiresAt: 100 };
      assert.equal(await store.putShare(share), true);
      return key;
    }

    test('[LK1] a share is found by its hash and by its conversation until it ends', async () => {
      const key = await shared('found');
      const share = await store.share('found', 99);
      assert.deepEqual(share, { ...share, idHash: 'found', key, createdAt: 1, expiresAt: 100 });
      assert.equal(share?.title, 'hello');
      assert.deepEqual(await store.shareOf(key, 99), share);
      assert.equal(await store.share('found', 100), null);
      assert.equal(await store.shareOf(key, 100), null);
      assert.equal(await store.revokeShare(key, 100), false);
    });

    test('[LK1] a conversation has one share: a new one takes its place, readers and all', async () => {
      const key = await shared('first');
      await store.noteReader('first', 'bob', 5);
      await store.putShare({ idHash: 'second', key, createdAt: 7, expiresAt: null });
      assert.equal(await store.share('first', 9), null);
      assert.equal((await store.share('second', Number.MAX_SAFE_INTEGER))?.expiresAt, null);
      assert.deepEqual(await store.readersOf(key), []);
    });

    test('[LK1] what does not exist, or was deleted, cannot be shared', async () => {
      const share = { idHash: 'none', createdAt: 1, expiresAt: null };
      assert.equal(await store.putShare({ ...share, key: 'amy/none' }), false);
      const key = await shared('deleted-before');
      await store.remove(key, 1);
      assert.equal(await store.putShare({ ...share, key }), false);
    });

    test('[LK7] a share that is withdrawn is gone', async () => {
      const key = await shared('withdrawn');
      assert.equal(await store.revokeShare(key, 2), true);
      assert.equal(await store.share('withdrawn', 2), null);
      assert.equal(await store.revokeShare(key, 2), false);
    });

    test('[LK7] a deleted conversation is not shared again when it is restored', async () => {
      const key = await shared('restored');
      await store.remove(key, 2);
      assert.equal(await store.share('restored', 2), null);
      await store.restore(key);
      assert.equal((await store.conversation(key))?.title, 'hello');
      assert.equal(await store.share('restored', 2), null);
    });

    test('[LK7] a conversation that is forgotten leaves no share behind for who writes there next', async () => {
      const key = await shared('forgotten');
      await store.remove(key, 1);
      await store.sweep({ endedBefore: 0, deletedBefore: 2, unusedSince: null });
      await store.accept(key, { runId: 'r-forgotten-2', digest: 'd', text: 'anew' });
      assert.equal(await store.shareOf(key, 2), null);
    });

    test('[LK3] readers are noted with their first and last time, up to a bound', async () => {
      const key = await shared('read');
      await store.noteReader('read', 'bob', 5);
      await store.noteReader('read', 'eve', 6);
      await store.noteReader('read', 'bob', 7);
      await store.noteReader('nobody knows', 'bob', 8);
      assert.deepEqual(await store.readersOf(key), [
        { user: 'bob', firstAt: 5, lastAt: 7 },
        { user: 'eve', firstAt: 6, lastAt: 6 },
      ]);
      for (let i = 0; i < READERS_MAX + 5; i += 1) await store.noteReader('read', `u${i}`, 9);
      await store.noteReader('read', 'bob', 10);
      const readers = await store.readersOf(key);
      assert.equal(readers.length, READERS_MAX);
      assert.deepEqual(readers[0], { user: 'bob', firstAt: 5, lastAt: 10 });
    });

    test('[R37] [LK3] a reader who is forgotten is in no list any more, and others stay', async () => {
      const keys = [await shared('forget-1'), await shared('forget-2')];
      for (const id of ['forget-1', 'forget-2'])
        for (const user of ['bob', 'eve']) await store.noteReader(id, user, 5);
      await store.forgetReader('bob');
      for (const key of keys)
        assert.deepEqual(
          (await store.readersOf(key)).map(({ user }) => user),
          ['eve'],
        );
    });

    test('[LK5] an image is found in the conversation whose prompt names it, and in no other', async () => {
      const id = uploadId('amy', PNG);
      await store.putUpload('amy', { id, type: 'image/png', bytes: PNG });
      const key: ConversationKey = 'amy/pictured';
      assert.equal(await store.uploadIn(key, id), null);
      await store.accept(key, { runId: 'r-pictured', digest: 'd', text: 'look', images: [id] });
      assert.deepEqual(Buffer.from((await store.uploadIn(key, id))?.bytes ?? []), PNG);
      assert.equal(await store.uploadIn(await shared('plain'), id), null);
      assert.equal(await store.uploadIn('bob/pictured', id), null);
    });
  });
}

test('[LK1] a share outlives the server', async () => {
  const file = join(dir, 'restart.db');
  const before = new SqliteStore(directLink(file));
  await before.accept('amy/kept', { runId: 'r', digest: 'd', text: 'hello' });
  await before.putShare({ idHash: 'kept', key: 'amy/kept', createdAt: 1, expiresAt: null });
  await before.close();
  const store = new SqliteStore(directLink(file));
  assert.equal((await store.share('kept', 2))?.key, 'amy/kept');
  await store.close();
});
