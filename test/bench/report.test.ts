import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asResults, draw, type Table } from './report.ts';

const table: Table = {
  name: 'contenders',
  title: 'who is fast',
  rows: {
    cpu: { label: 'CPU', unit: 'µs', digits: 1 },
    pause: { label: 'pause', unit: 'ms', digits: 1 },
    socket: { label: 'socket', unit: 'KB', digits: 0 },
  },
  rounds: new Map([
    ['ours', [{ cpu: 4, pause: 1 }, { cpu: 5, socket: 10 }, { cpu: 6 }]],
    ['peer', [{ cpu: 10, pause: 0 }]],
    ['lean', [{ socket: 5 }]],
    ['absent', [{ cpu: Number.NaN }]],
  ]),
  bases: ['peer', 'lean'],
};

test('[P1] a cell tells the median, the noise, and the ratio to the first base that has the figure', () => {
  const lines = draw(table).split('\n');
  assert.match(lines[2] ?? '', /CPU\s+µs\s+5\.0 ±20 % {2}0\.50×\s+10\.0 ± 0 % {2}1\.00×\s+–/);
  assert.match(lines[4] ?? '', /socket\s+KB\s+10 ± 0 % {2}2\.00×\s+–\s+5 ± 0 % {2}1\.00×/);
});

test('[P1] nothing is a ratio to what did not happen, and a column without figures is left out', () => {
  const text = draw(table);
  assert.match(text, /pause\s+ms\s+1\.0 ± 0 %\s+0\.0 ± 0 %\s+–/);
  assert.doesNotMatch(text, /absent|NaN|Infinity/);
});

test('[P1] what is kept has every round of every figure', () => {
  const { tables } = asResults([table], { tokens: 7 });
  assert.deepEqual(tables.contenders?.figures.ours, { cpu: [4, 5, 6], pause: [1], socket: [10] });
  assert.deepEqual(tables.contenders?.settings, { tokens: 7 });
});
