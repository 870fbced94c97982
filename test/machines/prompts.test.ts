import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prompts } from '../../src/machines/prompts.ts';
import { settle } from '../support/held-store.ts';

const IMAGE = { type: 'image/png', bytes: Buffer.from('1') };

function promptsThat(kept: (() => Promise<void>) | null) {
  const prompts = new Prompts({ kept, readImages: async () => [IMAGE], isUntitled: false });
  prompts.add({ runId: 'words', text: 'hello' });
  prompts.add({ runId: 'shown', text: 'look', images: ['i'] });
  return prompts;
}

test('a prompt without images is given to Claude at once, one with images when they are read', async () => {
  const prompts = promptsThat(null);
  assert.equal(prompts.images('words'), null);
  assert.deepEqual(await prompts.images('shown'), [IMAGE]);
});

test('[R10] where servers share a store, neither is before the start of its run is kept', async () => {
  const start = Promise.withResolvers<void>();
  const prompts = promptsThat(() => start.promise);
  const given: unknown[] = [];
  for (const runId of ['words', 'shown'])
    void prompts.images(runId)?.then((images) => given.push(images));
  await settle(1);
  assert.deepEqual(given, []);
  start.resolve();
  await settle(1);
  assert.deepEqual(given, [[], [IMAGE]]);
});
