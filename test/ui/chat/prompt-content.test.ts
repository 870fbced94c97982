import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, promptIn } from '../../../src/ui/chat/prompt-content.ts';

const image = { url: '/chat/api/uploads/abc', mimeType: 'image/png' };

test('a prompt with images becomes content parts and comes back the same', () => {
  for (const prompt of [
    { text: 'look', images: [image] },
    { text: '', images: [image, image] },
    { text: 'only words', images: [] },
  ])
    assert.deepEqual(promptIn(contentOf(prompt)), prompt);
  assert.equal(contentOf({ text: 'only words', images: [] }), 'only words');
});

test('[R58] an image from anywhere but this server’s uploads is not shown', () => {
  for (const value of [
    'https://evil.example/p.png',
    '//evil.example/chat/api/uploads/abc',
    'data:image/png;base64,AAAA',
    'javascript:alert(1)',
    '/chat/api/uploads/../../logout',
    '/chat/api/uploads/abc?x=1',
  ]) {
    const content = [{ type: 'image', source: { type: 'url', value } }];
    assert.deepEqual(promptIn(content).images, [], value);
  }
});

test('content of any shape is read without a throw', () => {
  for (const content of [null, undefined, 7, {}, [{}], [{ type: 'image' }], [{ text: 7 }]])
    assert.deepEqual(promptIn(content), { text: '', images: [] });
});
