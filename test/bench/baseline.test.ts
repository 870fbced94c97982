import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergedInto, moved, tellMoves } from './baseline.ts';
import type { Results } from './report.ts';

type Rows = Record<string, readonly number[]>;

function results(
  figures: Record<string, Rows>,
  { cpu = 'one', settings = {} }: { cpu?: string; settings?: object } = {},
): Results {
  return {
    at: '2026-01-01T00:00:00.000Z',
    machine: { node: 'v24', cores: 2, cpu },
    tables: { contenders: { settings, bases: ['peer', 'lean'], units: { cpu: 'µs' }, figures } },
  };
}

const peer = { cpu: [10, 10, 10] };

test('[P1] a machine that is twice as slow moves nothing', () => {
  const before = results({ ours: { cpu: [5, 5, 5] }, peer });
  const now = results({ ours: { cpu: [10, 10, 10] }, peer: { cpu: [20, 20, 20] } }, { cpu: 'two' });
  assert.deepEqual(moved(before, now), []);
});

test('[P1] a ratio that rises by more than the noise of both runs has moved', () => {
  const before = results({ ours: { cpu: [4.8, 5, 5.2] }, peer });
  const now = results({ ours: { cpu: [5.8, 6, 6.2] }, peer });
  const [move] = moved(before, now);
  assert.equal(move?.column, 'ours');
  assert.equal(Math.round(move?.change ?? 0), 20);
  assert.match(tellMoves(moved(before, now)), /contenders: ours, cpu: 0\.5× -> 0\.6×, \+20 %/);
});

test('[P1] one within the noise has not, and neither has one of too few rounds', () => {
  const noisy = results({ ours: { cpu: [4, 5, 6] }, peer });
  assert.deepEqual(moved(noisy, results({ ours: { cpu: [5, 6, 7] }, peer })), []);
  const few = results({ ours: { cpu: [50] }, peer });
  assert.deepEqual(moved(noisy, few), []);
});

test('[P1] a figure without a base counts on the same machine only', () => {
  const before = results({ ours: { cpu: [5, 5, 5] } });
  const slower = { ours: { cpu: [6, 6, 6] } };
  assert.equal(moved(before, results(slower)).length, 1);
  assert.equal(moved(before, results(slower, { cpu: 'two' })).length, 0);
});

test('[P1] the second base stands in for the first where that has no figure', () => {
  const lean = { cpu: [1, 1, 1] };
  const before = results({ ours: { cpu: [5, 5, 5] }, lean });
  const now = results({ ours: { cpu: [6, 6, 6] }, lean }, { cpu: 'two' });
  assert.equal(moved(before, now)[0]?.isRatio, true);
});

test('[P1] other sizes, and what the baseline has not, are not compared', () => {
  const before = results({ ours: { cpu: [5, 5, 5] }, peer });
  const now = { ours: { cpu: [9, 9, 9], memory: [1, 1, 1] }, peer };
  assert.deepEqual(moved(before, results(now, { settings: { tokens: 1 } })), []);
  assert.deepEqual(
    moved(before, results(now)).map(({ row }) => row),
    ['cpu'],
  );
});

test('[P1] saving one measure leaves the others of a baseline as they were', () => {
  const before = results({ ours: { cpu: [5], memory: [7] }, peer });
  const { tables } = mergedInto(before, results({ ours: { cpu: [6] } }));
  assert.deepEqual(tables.contenders?.figures, { ours: { cpu: [6], memory: [7] }, peer });
});
