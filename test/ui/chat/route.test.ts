import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, messageOf, threadOf } from '../../../src/ui/chat/route.ts';

test('a hash names a conversation, or a message in it, whatever stands in the id', () => {
  for (const id of ['m12', 'u:r-1', 'a/b?c#d %'])
    assert.deepEqual([threadOf(hashOf('t-1', id)), messageOf(hashOf('t-1', id))], ['t-1', id]);
  assert.equal(hashOf('t-1'), '#/c/t-1');
  assert.equal(messageOf('#/c/t-1'), null);
});

test('[R55] what is malformed names nothing', () => {
  for (const hash of ['', '#/c/', '#/c/a b', '#/c/a/m/', '#/c/a/x/b', '#/c/a/m/b/c'])
    assert.deepEqual([threadOf(hash), messageOf(hash)], [null, null]);
  assert.equal(messageOf('#/c/a/m/%E0%A4%A'), null);
});
