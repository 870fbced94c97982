import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flameGraph } from './flame-graph.ts';

const callFrame = (functionName: string, url = '') => ({
  ...{ functionName, url, scriptId: '1', lineNumber: 6, columnNumber: 0 },
});

const PROFILE = {
  nodes: [
    { id: 1, callFrame: callFrame('(root)'), children: [2, 3] },
    { id: 2, callFrame: callFrame('(idle)') },
    { id: 3, callFrame: callFrame('push', 'file:///any/where/src/claude/lines.ts'), children: [4] },
    { id: 4, callFrame: callFrame('<copy>') },
  ],
  startTime: 0,
  endTime: 1_000,
  samples: [2, 3, 4, 4],
  timeDeltas: [600, 100, 150, 150],
};

test('a box is as wide as its share of the time in which anything ran, and in what it called', () => {
  const svg = flameGraph(PROFILE, 'a & b');
  const boxes = [
    ...svg.matchAll(/<title>([^<]+)<\/title><rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g),
  ];
  assert.deepEqual(
    boxes.map(([, ...box]) => box),
    [
      ['all 100.0 %', '0', '1200'],
      ['push src/claude/lines.ts:7 100.0 %', '0', '1200'],
      ['&#60;copy&#62; 75.0 %', '0', '900'],
    ],
  );
  assert.match(svg, /a &#38; b/);
});
