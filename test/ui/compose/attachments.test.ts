import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UploadView } from '../../../src/transport/views.ts';
import { type Keep, Kept } from '../../../src/ui/chat/storage.ts';
import { Attachments, type ImageOffer } from '../../../src/ui/compose/attachments.ts';
import { memory } from '../support/storage.ts';

const OFFER: ImageOffer = { types: ['image/png', 'image/jpeg'], maxBytes: 100, maxPerPrompt: 2 };
const png = (name: string, bytes = 10) =>
  new File([new Uint8Array(bytes)], name, { type: 'image/png' });

/** An upload that ends when the test says so. */
function stage(keep: Keep | null = null) {
  const begun: { file: File; ends: PromiseWithResolvers<UploadView> }[] = [];
  const upload = (file: File) => {
    const ends = Promise.withResolvers<UploadView>();
    begun.push({ file, ends });
    return ends.promise;
  };
  const attachments = new Attachments(upload, 'a');
  attachments.own(new Kept(keep, 'alice'));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    attachments,
    begun,
    states: () => attachments.view().map(({ name, state }) => `${name} ${state}`),
    async done(i: number) {
      const id = `id${i}`;
      begun[i]?.ends.resolve({
        id,
        url: `/chat/api/uploads/${id}`,
        mimeType: 'image/png',
        bytes: 10,
      });
      await settle();
    },
    async failed(i: number) {
      begun[i]?.ends.reject(new Error('The server cannot be reached just now.'));
      await settle();
    },
  };
}

test('an image is uploaded at once, and only a settled prompt takes its images', async () => {
  const { attachments, states, done } = stage();
  assert.deepEqual(attachments.add([png('a.png')], OFFER), []);
  assert.deepEqual(states(), ['a.png uploading']);
  assert.equal(attachments.isSettled, false);
  await done(0);
  assert.equal(attachments.isSettled, true);
  assert.deepEqual(attachments.take(), [{ url: '/chat/api/uploads/id0', mimeType: 'image/png' }]);
  assert.deepEqual(states(), []);
});

test('what cannot be sent is refused by name, and says what could', () => {
  const { attachments, states, begun } = stage();
  const text = new File(['x'], 'notes.txt', { type: 'text/plain' });
  const refused = attachments.add([text, png('big.png', 101), png('1'), png('2'), png('3')], OFFER);
  assert.equal(refused.length, 3);
  assert.match(refused[0] ?? '', /notes\.txt is no image.*PNG, JPEG/);
  assert.match(refused[1] ?? '', /big\.png has/);
  assert.match(refused[2] ?? '', /^3 was left out/);
  assert.deepEqual(states(), ['1 uploading', '2 uploading']);
  assert.equal(begun.length, 2);
});

test('a failed upload says why, and is tried again', async () => {
  const { attachments, states, failed, done } = stage();
  attachments.add([png('a.png')], OFFER);
  await failed(0);
  assert.deepEqual(states(), ['a.png failed']);
  assert.equal(attachments.view()[0]?.why, 'The server cannot be reached just now.');
  attachments.retryFailed();
  assert.deepEqual(states(), ['a.png uploading']);
  await done(1);
  assert.deepEqual(states(), ['a.png ready']);
});

test('uploaded images outlive a reload, for their own conversation', async () => {
  const keep = memory();
  const first = stage(keep);
  first.attachments.add([png('a.png'), png('b.png')], OFFER);
  await first.done(0);
  const again = stage(keep);
  assert.deepEqual(again.states(), ['a.png ready'], 'what was still on its way has gone');
  again.attachments.open('other');
  assert.deepEqual(again.states(), []);
  again.attachments.open('a');
  again.attachments.rename('b');
  assert.deepEqual(stage(keep).states(), [], 'they belong to the new id now');
});

test('images of a refused prompt come back once', async () => {
  const { attachments, states, done } = stage();
  attachments.add([png('a.png')], OFFER);
  await done(0);
  const images = attachments.take();
  attachments.restore(images);
  attachments.restore(images);
  assert.deepEqual(states(), ['image ready']);
});

test('an upload that ends after its image was removed changes nothing', async () => {
  const { attachments, states, done } = stage();
  attachments.add([png('a.png')], OFFER);
  attachments.remove(attachments.view()[0]?.key ?? '');
  await done(0);
  assert.deepEqual(states(), []);
});
