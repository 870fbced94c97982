import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentTitle, iconOf } from '../../../src/ui/app-shell/page-signs.ts';
import { attention, markOf } from '../../../src/ui/history/marks.ts';

const one = (threadId: string, activity: 'running' | 'asking' | null) => ({
  ...{ threadId, activity, endedAt: 1 },
});
const LIST = [one('a', 'asking'), one('b', 'running'), one('c', null), one('d', null)];
const isUnread = ({ threadId }: { threadId: string }) => threadId !== 'd';

test('what goes on comes before what has ended', () => {
  const marks = LIST.map((conversation) => markOf(conversation, isUnread));
  assert.deepEqual(marks, ['asking', 'running', 'unread', null]);
});

test('those that ask or are unread want attention, but for the one on screen', () => {
  assert.deepEqual(attention(LIST, isUnread, null), { waiting: 1, unread: 1 });
  assert.deepEqual(attention(LIST, isUnread, 'a'), { waiting: 0, unread: 1 });
  assert.deepEqual(attention(LIST, isUnread, 'c'), { waiting: 1, unread: 0 });
  assert.deepEqual(attention([], isUnread, 'a'), { waiting: 0, unread: 0 });
});

test('the tab counts them before its own sign, and has their icon where it has none of its own', () => {
  const [none, both] = [
    { waiting: 0, unread: 0 },
    { waiting: 1, unread: 2 },
  ];
  assert.equal(documentTitle('idle', 'Plans', none), 'Plans · Greenroom');
  assert.equal(documentTitle('idle', 'Plans', both), '(3) Plans · Greenroom');
  assert.equal(documentTitle('working', null, both), '(3) ● Working – Greenroom');
  assert.equal(iconOf('idle', none), 'idle');
  assert.equal(iconOf('idle', both), 'asking');
  assert.equal(iconOf('idle', { waiting: 0, unread: 1 }), 'done');
  assert.equal(iconOf('working', both), 'working');
});
