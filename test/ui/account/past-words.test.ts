import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoWords, onWords } from '../../../src/ui/account/past-words.ts';

const NOW = new Date(2026, 10, 25, 14, 0).getTime();
const at = (day: number, hour: number, minute = 0) =>
  new Date(2026, 10, day, hour, minute).getTime();

test('how long ago: minutes and hours of today, then days as the calendar has them', () => {
  const words = [
    [NOW, 'just now'],
    [NOW + 60_000, 'just now'],
    [at(25, 13, 59), 'just now'],
    [at(25, 13, 58), '2 minutes ago'],
    [at(25, 13, 1), '59 minutes ago'],
    [at(25, 13), '1 hour ago'],
    [at(25, 1), '13 hours ago'],
    [at(24, 23), 'yesterday'],
    [at(23, 23), '2 days ago'],
    [at(4, 1), '21 days ago'],
  ] as const;
  for (const [time, said] of words) assert.equal(agoWords(time, NOW), said);
});

test('at night an evening before is hours ago, not yesterday', () => {
  assert.equal(agoWords(at(24, 22), at(25, 1)), '3 hours ago');
});

test('when: with the hour today and yesterday, with the year where it was another', () => {
  assert.match(onWords(at(25, 9, 15), NOW), /^today at \S*9:15/);
  assert.match(onWords(at(24, 9, 15), NOW), /^yesterday at \S*9:15/);
  assert.doesNotMatch(onWords(at(3, 9), NOW), /2026|:/);
  assert.match(onWords(new Date(2025, 11, 31).getTime(), NOW), /^on .*2025/);
});
