import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf, newsSince } from '../../../src/ui/chat/news-below.ts';
import { emptyRun, type Run } from '../../../src/ui/chat/thread.ts';

const run = (id: string, state: Run['state']): Run => ({ ...emptyRun(id, null, 0), state });

test('an answer that was being written when the reader left counts once it is finished', () => {
  const left = endOf([run('a', 'done'), run('b', 'live')]);
  assert.deepEqual(newsSince(left, [run('a', 'done'), run('b', 'live')]), {
    answers: 0,
    isLive: true,
  });
  assert.deepEqual(newsSince(left, [run('a', 'done'), run('b', 'failed')]), {
    answers: 1,
    isLive: false,
  });
});

test('what was there when the reader left is not new; an interrupted run is no answer yet', () => {
  const left = endOf([run('a', 'done')]);
  assert.equal(newsSince(left, [run('0', 'done'), run('a', 'done')]).answers, 0);
  const later = [run('a', 'done'), run('b', 'answered'), run('c', 'stopped'), run('d', 'live')];
  assert.deepEqual(newsSince(left, later), { answers: 1, isLive: true });
});

test('after nothing all is new; after a conversation that was told anew, nothing', () => {
  assert.equal(newsSince(endOf([]), [run('a', 'done'), run('b', 'done')]).answers, 2);
  assert.equal(newsSince(endOf([run('gone', 'done')]), [run('a', 'done')]).answers, 0);
});
