import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft, type Keep } from '../../../src/ui/chat/draft.ts';
import { loadOutbox, promptOf, saveOutbox } from '../../../src/ui/chat/outbox.ts';
import { hashOf, threadOf } from '../../../src/ui/chat/route.ts';
import type { Wish } from '../../../src/ui/connection.events.ts';

function memory(): Keep {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    key: (index) => [...map.keys()][index] ?? null,
    get length() {
      return map.size;
    },
  };
}

const wish = (threadId: string, runId: string): Wish => ({
  threadId,
  runId,
  messages: [{ id: 'u', role: 'user', content: 'hi' }],
  ref: runId,
});

test('a draft outlives the page, one for each conversation', () => {
  const keep = memory();
  new Draft(keep, 'a').set('for a');
  new Draft(keep, null).set('for a new one');
  const draft = new Draft(keep, 'a');
  assert.equal(draft.text(), 'for a');
  draft.open(null);
  assert.equal(draft.text(), 'for a new one');
  draft.rename('b');
  assert.equal(new Draft(keep, 'b').text(), 'for a new one');
  assert.equal(new Draft(keep, null).text(), '');
});

test('a prompt that comes back goes before what was typed since, and only once', () => {
  const draft = new Draft(memory(), null);
  draft.set('since');
  draft.restore('before');
  draft.restore('before');
  assert.equal(draft.text(), 'before\n\nsince');
});

test('signing out forgets every draft', () => {
  const keep = memory();
  for (const id of ['a', 'b', null]) new Draft(keep, id).set('secret');
  keep.setItem('another page’s', 'stays');
  new Draft(keep, 'a').clearAll();
  assert.equal(keep.length, 1);
});

test('a browser that refuses storage loses nothing while the page lives', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  const keep = { ...memory(), getItem: refuse, setItem: refuse, removeItem: refuse };
  const draft = new Draft(keep, null);
  draft.set('kept here');
  assert.equal(draft.text(), 'kept here');
  saveOutbox(keep, [wish('a', 'r1')]);
  assert.deepEqual(loadOutbox(keep, 'a'), []);
});

test('[R7] what was sent and not answered outlives a reload, for its own conversation', () => {
  const keep = memory();
  saveOutbox(keep, [wish('a', 'r1'), wish('b', 'r2')]);
  assert.deepEqual(loadOutbox(keep, 'a'), [wish('a', 'r1')]);
  assert.deepEqual(promptOf(wish('a', 'r1')), { text: 'hi', images: [] });
  saveOutbox(keep, []);
  assert.deepEqual(loadOutbox(keep, 'a'), []);
  keep.setItem('greenroom:outbox', '{broken');
  assert.deepEqual(loadOutbox(keep, 'a'), []);
});

test('[R55] an address names a conversation only by a well-formed id', () => {
  assert.equal(threadOf('#/c/abc-_9'), 'abc-_9');
  assert.equal(threadOf(hashOf('x'.repeat(64))), 'x'.repeat(64));
  for (const hash of ['', '#', '#/c/', '#/c/a b', '#/c/a/b', `#/c/${'x'.repeat(65)}`, '#/c/../x'])
    assert.equal(threadOf(hash), null, hash);
});
