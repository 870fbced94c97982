import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Keep, Kept } from '../../../src/ui/chat/storage.ts';
import { Seen } from '../../../src/ui/history/seen.ts';
import { memory } from '../support/storage.ts';

const one = (threadId: string, endedAt: number, activity: 'running' | 'asking' | null = null) => ({
  ...{ threadId, endedAt, activity },
});

/** A tab of a browser, of a user who looked at these first. */
function tab(keep: Keep | null, first: ReturnType<typeof one>[] = [], user = 'ada') {
  const seen = new Seen();
  seen.own(new Kept(keep, user));
  seen.begin(first);
  return seen;
}

test('what was there before this browser first looked is not unread; what ended later is', () => {
  const seen = tab(memory(), [one('old', 10), one('older', 5)]);
  assert.equal(seen.isUnread(one('old', 10)), false);
  assert.equal(seen.isUnread(one('unknown', 7)), false);
  assert.equal(seen.isUnread(one('old', 11)), true);
  assert.equal(seen.isUnread(one('new', 12)), true);
});

test('nothing is unread that is at work or asks, nor while it is not known whose page it is', () => {
  const seen = tab(memory(), [one('old', 10)]);
  assert.equal(seen.isUnread(one('new', 12, 'running')), false);
  assert.equal(seen.isUnread(one('new', 12, 'asking')), false);
  const stranger = new Seen();
  stranger.begin([one('old', 10)]);
  stranger.see(one('new', 12));
  assert.equal(stranger.isUnread(one('new', 13)), false);
});

test('what is shown is read, until a run of it ends again', () => {
  const seen = tab(memory(), [one('old', 10)]);
  seen.see(one('new', 12));
  assert.equal(seen.isUnread(one('new', 12)), false);
  assert.equal(seen.isUnread(one('other', 12)), true);
  assert.equal(seen.isUnread(one('new', 14)), true);
});

test('it outlives the page, and is no other user’s', () => {
  const keep = memory();
  tab(keep, [one('old', 10)]).see(one('new', 12));
  const again = tab(keep, [one('new', 20)]);
  assert.equal(again.isUnread(one('new', 12)), false);
  assert.equal(again.isUnread(one('new', 20)), true);
  const other = tab(keep, [one('theirs', 30)], 'bob');
  assert.equal(other.isUnread(one('new', 20)), false);
});

test('two tabs lose nothing of each other, and each hears of what the other showed', () => {
  const keep = memory();
  const [first, second] = [tab(keep, [one('old', 10)]), tab(keep)];
  first.see(one('a', 12));
  second.see(one('b', 13));
  let told = 0;
  first.subscribe(() => {
    told += 1;
  });
  first.heard('greenroom:bob:seen');
  assert.equal(told, 0, 'another user’s');
  first.heard('greenroom:ada:seen');
  assert.equal(told, 1);
  for (const seen of [first, second, tab(keep)])
    assert.deepEqual([seen.isUnread(one('a', 12)), seen.isUnread(one('b', 13))], [false, false]);
});

test('at most 500 are kept; the oldest beyond that count as seen, and so does what ended before them', () => {
  const keep = memory();
  const seen = tab(keep, [one('old', 0)]);
  for (let i = 1; i <= 700; i++) seen.see(one(`t${i}`, i));
  const kept = JSON.parse(keep.getItem('greenroom:ada:seen') ?? '') as { at: object };
  assert.equal(Object.keys(kept.at).length, 500);
  assert.equal(seen.isUnread(one('t1', 1)), false);
  assert.equal(seen.isUnread(one('never', 200)), false);
  assert.equal(seen.isUnread(one('never', 201)), true);
  assert.equal(seen.isUnread(one('t700', 700)), false);
});

test('what storage holds may be of any shape, and a browser may refuse it', () => {
  for (const text of ['', 'null', '[]', '{', '7', '{"since":"x","at":[1]}', '{"at":{"a":"b"}}']) {
    const keep = memory();
    keep.setItem('greenroom:ada:seen', text);
    const seen = tab(keep, [one('old', 10)]);
    assert.equal(seen.isUnread(one('new', 11)), true, text);
    seen.see(one('new', 11));
    assert.equal(seen.isUnread(one('new', 11)), false, text);
  }
  const refused = tab(null, [one('old', 10)]);
  refused.see(one('new', 11));
  assert.equal(refused.isUnread(one('new', 11)), false, 'as long as the page');
});
