import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PendingItem } from '../../../src/transport/protocol.ts';
import { freshView, type Throttled } from '../../../src/ui/chat/chat-view.ts';
import { emptyRun, userItem } from '../../../src/ui/chat/thread.ts';
import { type News, NO_NEWS, newsOf } from '../../../src/ui/limits/limit-news.ts';

const NOW = new Date(2026, 10, 25, 14, 0).getTime();
const held: PendingItem = {
  runId: 'r1',
  text: 'x',
  why: 'parked',
  limit: 'hour',
  resetAt: NOW + 600_000,
};
const throttled: Throttled = {
  type: 'throttled',
  runId: 'r1',
  limit: 'hour',
  retryAfterMs: 600_000,
  remaining: 0,
  max: 60,
  resetAt: NOW + 600_000,
  parked: true,
};

/** What is said at each of these pictures, one after the other. */
function said(...views: Parameters<typeof newsOf>[1][]) {
  let last: News = NO_NEWS;
  return views.map((view) => {
    last = newsOf(last, view, NOW);
    return last.words;
  });
}

const view = (change: object = {}) => ({ ...freshView('t', null), ...change });

test('a limit is said once for a message, though it is told again and the list comes and goes', () => {
  const [none, first, ...others] = said(
    view(),
    view({ throttled }),
    view({ throttled: { ...throttled, resetAt: NOW + 500_000 } }),
    view({ pending: [held] }),
    view(),
    view({ pending: [{ ...held, resetAt: NOW + 400_000 }] }),
  );
  assert.equal(none, null);
  assert.match(first ?? '', /^This hour’s messages are used up\. Your message sends itself at/);
  assert.deepEqual(others, [null, null, null, null]);
});

test('another limit is news', () => {
  const words = said(view({ pending: [held] }), view({ pending: [{ ...held, limit: 'tokens' }] }));
  assert.match(words[1] ?? '', /^Today’s tokens are used up/);
});

test('that it was sent is said once its run begins, also where that was told anew', () => {
  const began = { ...emptyRun('r1', null, 0) };
  const message = { id: 'u', role: 'user' as const, content: 'x' };
  const history = { ...emptyRun('history:u', null, 0), items: [userItem(message, 'r1')] };
  for (const run of [began, history]) {
    const words = said(
      view({ pending: [held] }),
      view({ pending: [{ ...held, why: 'queued' }] }),
      view({ runs: [run] }),
      view({ runs: [run] }),
    );
    assert.deepEqual(words.slice(1), [null, 'Your message was sent.', null]);
  }
});

test('what was taken back, or belongs to another conversation, is not said to be sent', () => {
  const other = { ...freshView('t2', null), runs: [emptyRun('r1', null, 0)] };
  assert.deepEqual(said(view({ pending: [held] }), view(), other).slice(1), [null, null]);
});

test('a refusal says where to go on; what is switched off says that alone', () => {
  const refused = { ...throttled, parked: false };
  const [late, off] = [refused, { ...refused, max: 0, resetAt: null }].map(
    (it) => said(view({ throttled: it }))[0],
  );
  assert.match(late ?? '', /^This hour’s messages are used up\. Please send again at /);
  assert.equal(off, 'The operator has switched this off.');
});
