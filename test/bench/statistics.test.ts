import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile, spread } from './statistics.ts';

test('[P1] the median is the middle of the rounds, in whatever order they came', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

test('[P2] a quantile is a value that was measured, the highest one included', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(quantile(values, 0.99), 100);
  assert.equal(quantile(values, 0.5), 51);
  assert.equal(quantile(values, 1), 100);
});

test('[P1] the noise of rounds is half their range over the median, in percent', () => {
  assert.equal(spread([90, 100, 110]), 10);
  assert.equal(spread([4, 4, 4]), 0);
  assert.equal(spread([0, 0]), 0);
});
