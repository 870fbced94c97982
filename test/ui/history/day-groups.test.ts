import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { groupByDay } from '../../../src/ui/history/day-groups.ts';
import { speak } from '../../../src/ui/words/words.ts';

const NOW = new Date(2026, 10, 26, 9, 30).getTime();
const daysAgo = (days: number, hour = 12) => new Date(2026, 10, 26 - days, hour).getTime();
const groups = (...items: { updatedAt: number; pinned: boolean }[]) =>
  groupByDay(items, NOW).map(({ label, items: { length } }) => [label, length]);
const at = (updatedAt: number, pinned = false) => ({ updatedAt, pinned });

// `speak` says it to the page.
Object.assign(globalThis, { document: { documentElement: {} } });
after(() => Reflect.deleteProperty(globalThis, 'document'));

const LIST = [
  ...[at(daysAgo(70), true), at(NOW - 1), at(daysAgo(0, 0)), at(daysAgo(1, 23))],
  ...[at(daysAgo(2)), at(daysAgo(6)), at(daysAgo(7)), at(daysAgo(29)), at(daysAgo(30))],
];

test('groups are the reader’s own days, pinned ones before all', () => {
  assert.deepEqual(groups(...LIST), [
    ...[
      ['Pinned', 1],
      ['Today', 2],
      ['Yesterday', 1],
      ['Previous 7 days', 2],
    ],
    ...[
      ['Previous 30 days', 2],
      ['October 2026', 1],
    ],
  ]);
});

test('what a clock that is ahead says is of today', () => {
  assert.deepEqual(groups(at(NOW + 3_600_000 * 30)), [['Today', 1]]);
});

test('they are called in the page’s language, whatever the browser’s is', async () => {
  await speak('de');
  assert.deepEqual(
    groups(...LIST).map(([label]) => label),
    ['Angeheftet', 'Heute', 'Gestern', 'Letzte 7 Tage', 'Letzte 30 Tage', 'Oktober 2026'],
  );
  await speak('en');
});
