import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neighbourOf, stepTo } from '../../../src/ui/history/roving.ts';

test('arrows, Home and End move within the list and stay at its ends; other keys do not move', () => {
  const from = (at: number) =>
    ['ArrowDown', 'ArrowUp', 'Home', 'End', 'a'].map((key) => stepTo(key, at, 3));
  assert.deepEqual(from(0), [1, 0, 0, 2, null]);
  assert.deepEqual(from(1), [2, 0, 0, 2, null]);
  assert.deepEqual(from(2), [2, 1, 0, 2, null]);
});

test('behind what is deleted comes the next, at the end the one before, or nothing', () => {
  const next = ['a', 'b', 'c'].map((id) => neighbourOf(['a', 'b', 'c'], id));
  assert.deepEqual(next, ['b', 'c', 'b']);
  assert.equal(neighbourOf(['a'], 'a'), null);
});
