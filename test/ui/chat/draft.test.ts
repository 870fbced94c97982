import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Draft } from '../../../src/ui/chat/draft.ts';
import { loadOutbox, promptOf, saveOutbox } from '../../../src/ui/chat/outbox.ts';
import { hashOf, threadOf } from '../../../src/ui/chat/route.ts';
import { type Keep, Kept } from '../../../src/ui/chat/storage.ts';
import { Unsent } from '../../../src/ui/chat/unsent.ts';
import type { Wish } from '../../../src/ui/connection.events.ts';
import { memory } from '../support/storage.ts';

const draftOf = (keep: Keep, threadId: string | null, user = 'alice') => {
  const draft = new Draft(threadId);
  draft.own(new Kept(keep, user));
  return draft;
};

const wish = (threadId: string, runId: string): Wish => ({
  threadId,
  runId,
  messages: [{ id: 'u', role: 'user', content: 'hi' }],
  ref: runId,
});

test('a draft outlives the page, one for each conversation', () => {
  const keep = memory();
  draftOf(keep, 'a').set('for a');
  draftOf(keep, null).set('for a new one');
  const draft = draftOf(keep, 'a');
  assert.equal(draft.text(), 'for a');
  draft.open(null);
  assert.equal(draft.text(), 'for a new one');
  draft.rename('b');
  assert.equal(draftOf(keep, 'b').text(), 'for a new one');
  assert.equal(draftOf(keep, null).text(), '');
});

test('a prompt that comes back goes before what was typed since, and only once', () => {
  const draft = draftOf(memory(), null);
  draft.set('since');
  draft.restore('before');
  draft.restore('before');
  assert.equal(draft.text(), 'before\n\nsince');
});

test('a prompt that comes back is kept also where its words are part of others', () => {
  const draft = draftOf(memory(), null);
  draft.set('look at the tests');
  draft.restore('look');
  assert.equal(draft.text(), 'look\n\nlook at the tests');
  draft.restore('tests');
  assert.equal(draft.text(), 'tests\n\nlook\n\nlook at the tests');
});

test('what is typed before the page knows whose it is stays, behind what was kept', () => {
  const keep = memory();
  draftOf(keep, null).set('kept');
  const draft = new Draft(null);
  assert.equal(draft.text(), '');
  draft.set('typed');
  assert.equal(keep.length, 1);
  draft.own(new Kept(keep, 'alice'));
  assert.equal(draft.text(), 'kept\n\ntyped');
  assert.equal(draftOf(keep, null).text(), 'kept\n\ntyped');
});

test('one user’s drafts are not another’s, however alike their names', () => {
  const keep = memory();
  draftOf(keep, 'a', 'ann').set('secret');
  for (const user of ['an', 'anna', 'ann.', 'Ann'])
    assert.equal(draftOf(keep, 'a', user).text(), '');
  assert.equal(draftOf(keep, 'a', 'ann').text(), 'secret');
});

test('what is unsent is counted by message, and forgotten for one user alone', () => {
  const [own, tab] = [memory(), memory()];
  const unsentOf = (user: string) => new Unsent(new Kept(own, user), new Kept(tab, user));
  const [ann, bob] = [unsentOf('ann'), unsentOf('bob')];
  for (const id of ['a', null]) draftOf(own, id, 'ann').set('secret');
  ann.drafts.set('images:a', '[{}]');
  ann.drafts.set('sidebar', 'open');
  draftOf(own, 'a', 'bob').set('his');
  assert.deepEqual([ann.count(), bob.count()], [2, 1]);
  saveOutbox(ann.tab, [wish('a', 'r1'), wish('b', 'r2')]);
  saveOutbox(bob.tab, [{ type: 'abort', runId: 'r9', ref: 'abort-r9' }]);
  assert.deepEqual([ann.count(), bob.count()], [4, 1], 'a stop is no message');
  ann.forget();
  assert.deepEqual([ann.count(), bob.count()], [0, 1]);
  assert.equal(ann.drafts.get('sidebar'), 'open');
});

test('the address is kept for the way back, once', () => {
  const unsent = new Unsent(new Kept(null, 'ann'), new Kept(memory(), 'ann'));
  unsent.keepPlace('#/c/a');
  assert.deepEqual([unsent.takePlace(), unsent.takePlace()], ['#/c/a', null]);
});

test('a browser that refuses storage loses nothing while the page lives', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  const keep = { ...memory(), getItem: refuse, setItem: refuse, removeItem: refuse, key: refuse };
  for (const refusing of [null, { ...keep, length: 1 }]) {
    const kept = new Kept(refusing, 'ann');
    const draft = new Draft(null);
    draft.own(kept);
    draft.set('kept here');
    assert.equal(draft.text(), 'kept here');
    assert.equal(draft.isKept(), false);
    draft.open('other');
    draft.open(null);
    assert.equal(draft.text(), 'kept here');
    saveOutbox(kept, [wish('a', 'r1')]);
    assert.deepEqual(loadOutbox(kept), [wish('a', 'r1')]);
    assert.equal(new Unsent(kept, kept).count(), 2);
    new Unsent(kept, kept).forget();
    assert.equal(new Unsent(kept, kept).count(), 0);
    assert.equal(draft.isKept(), true);
  }
});

test('a browser whose room ends keeps the draft it has, and the page the newer one', () => {
  const keep = memory();
  let isFull = false;
  const full: Keep = {
    ...keep,
    get length() {
      return keep.length;
    },
    setItem: (key, value) => {
      if (isFull) throw new Error('full');
      keep.setItem(key, value);
    },
  };
  const draft = draftOf(full, 'a');
  draft.set('older');
  isFull = true;
  draft.set('older and newer');
  assert.equal(draft.isKept(), false);
  assert.deepEqual([draft.text(), draftOf(keep, 'a').text()], ['older and newer', 'older']);
  isFull = false;
  draft.set('older and newer!');
  assert.deepEqual([draft.isKept(), draftOf(keep, 'a').text()], [true, 'older and newer!']);
});

test('[R7] prompts that could not be sent go back where they were written, in their order', () => {
  const keep = memory();
  const draft = draftOf(keep, 'a');
  draft.set('begun');
  const shown = [
    draft.returnTo('a', 'one'),
    draft.returnTo('b', 'elsewhere'),
    draft.returnTo('a', 'two'),
    draft.returnTo('b', 'and on'),
    draft.returnTo('a', 'one'),
  ];
  assert.deepEqual(shown, [true, false, true, false, true]);
  assert.equal(draft.text(), 'one\n\ntwo\n\nbegun');
  assert.equal(draftOf(keep, 'a').text(), 'one\n\ntwo\n\nbegun');
  draft.open('b');
  assert.equal(draft.text(), 'elsewhere\n\nand on');
});

test('two tabs of a conversation hold one draft: neither overwrites what the other wrote', () => {
  const keep = memory();
  const [one, two, other] = [draftOf(keep, 'a'), draftOf(keep, 'a'), draftOf(keep, 'b')];
  const seen: string[] = [];
  two.subscribe(() => seen.push(two.text()));
  one.set('written in one');
  for (const draft of [two, other]) draft.heard('greenroom:alice:draft:a', 'written in one');
  assert.deepEqual([two.text(), other.text(), seen], ['written in one', '', ['written in one']]);
  two.heard('greenroom:bob:draft:a', 'another user’s');
  two.heard('theme', 'dark');
  two.heard(null, null);
  assert.equal(two.text(), 'written in one');
  two.heard('greenroom:alice:draft:a', null);
  assert.equal(two.text(), '', 'it was sent there');
});

test('[R7] what was sent and not answered outlives a reload, whatever conversation it is for', () => {
  const keep = memory();
  const kept = new Kept(keep, 'ann');
  const both = [wish('a', 'r1'), wish('b', 'r2')];
  saveOutbox(kept, [...both, { type: 'abort', runId: 'r9', ref: 'abort-r9' }]);
  assert.deepEqual(loadOutbox(kept), both);
  assert.deepEqual(loadOutbox(new Kept(keep, 'bob')), []);
  assert.deepEqual(promptOf(wish('a', 'r1')), { text: 'hi', images: [] });
  saveOutbox(kept, []);
  assert.equal(keep.length, 0);
  kept.set('outbox', '{broken');
  assert.deepEqual(loadOutbox(kept), []);
});

test('[R55] an address names a conversation only by a well-formed id', () => {
  assert.equal(threadOf('#/c/abc-_9'), 'abc-_9');
  assert.equal(threadOf(hashOf('x'.repeat(64))), 'x'.repeat(64));
  for (const hash of ['', '#', '#/c/', '#/c/a b', '#/c/a/b', `#/c/${'x'.repeat(65)}`, '#/c/../x'])
    assert.equal(threadOf(hash), null, hash);
});
