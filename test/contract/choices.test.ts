/** What every store must keep of what conversations are set to. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { IMPLEMENTATIONS } from '../support/implementations.ts';

const NOTHING = { model: null, effort: null, repository: null };
const SET = { model: 'opus', effort: 'high', repository: 'ada/engine' };

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  describe(`choices in the ${name} store`, () => {
    let store: Store;
    before(async () => {
      ({ store } = await open());
    });
    after(() => store.close());

    test('[CH2] what is chosen before the first prompt is kept, and makes no conversation of it', async () => {
      assert.deepEqual(await store.choice('amy/new'), NOTHING);
      assert.equal(await store.choose('amy/new', SET), true);
      assert.deepEqual(await store.choice('amy/new'), SET);
      assert.equal((await store.head('amy/new')).exists, false);
      assert.deepEqual((await store.list('amy', null, 10)).found, []);
      assert.deepEqual(await store.choice('bob/new'), NOTHING);
    });

    test('[CH6] a conversation that has begun stays on its repository', async () => {
      await store.choose('amy/begun', SET);
      await store.accept('amy/begun', { runId: 'c-begun', digest: 'd', text: 'hello' });
      assert.equal(await store.choose('amy/begun', { ...SET, repository: null }), false);
      assert.equal(await store.choose('amy/begun', { ...SET, model: 'haiku' }), true);
      assert.deepEqual(await store.choice('amy/begun'), { ...SET, model: 'haiku' });
    });

    test('[CH2] what is forgotten leaves no choice behind', async () => {
      await store.choose('amy/gone', SET);
      await store.accept('amy/gone', { runId: 'c-gone', digest: 'd', text: 'hello' });
      await store.remove('amy/gone', 1);
      await store.sweep({ endedBefore: 0, deletedBefore: 2, unusedSince: null });
      assert.deepEqual(await store.choice('amy/gone'), NOTHING);
    });
  });
}
