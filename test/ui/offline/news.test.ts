import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConversationView } from '../../../src/transport/views.ts';
import { News } from '../../../src/ui/offline/news.ts';

const view = (activity: ConversationView['activity']) =>
  ({ threadId: 't', title: 'Photos', activity }) as ConversationView;

/** What is worth a call, as a conversation goes through these. */
function calls(...activities: (ConversationView['activity'] | 'deleted')[]) {
  const news = new News();
  return activities.map(
    (activity) => news.take('t', activity === 'deleted' ? null : view(activity))?.what ?? null,
  );
}

test('an answer that ended and a question are worth a call, once each', () => {
  assert.deepEqual(calls('running', 'running', null, null), [null, null, 'ended', null]);
  assert.deepEqual(calls('running', 'asking', 'asking', 'running', null), [
    null,
    'asks',
    null,
    null,
    'ended',
  ]);
});

test('what was renamed, deleted, or had ended before the page was there is not', () => {
  assert.deepEqual(calls(null, null), [null, null]);
  assert.deepEqual(calls('running', 'deleted', null), [null, null, null]);
  assert.deepEqual(calls('asking'), ['asks'], 'it still waits');
});

test('a call names its conversation', () => {
  const news = new News();
  news.take('t', view('running'));
  assert.deepEqual(news.take('t', view(null)), { what: 'ended', threadId: 't', title: 'Photos' });
});
