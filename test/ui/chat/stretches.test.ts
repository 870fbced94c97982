import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  holdsMessage,
  regroup,
  roughHeight,
  type Stretch,
} from '../../../src/ui/chat/stretches.ts';
import { emptyRun, type Run } from '../../../src/ui/chat/thread.ts';

const run = (id: number): Run => ({ ...emptyRun(`r${id}`, null, 0), state: 'done' });
const runs = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => run(from + index));
const ids = (stretches: readonly Stretch[]) =>
  stretches.map((stretch) => stretch.runs.map(({ id }) => id.slice(1)).join(' '));

test('[P8] runs are cut into stretches of three', () => {
  assert.deepEqual(ids(regroup([], runs(0, 7))), ['0 1 2', '3 4 5', '6']);
  assert.deepEqual(regroup([], []), []);
});

test('[P8] earlier and newer runs move no cut, and what did not change is the same object', () => {
  const old = runs(4, 9);
  const before = regroup([], old);
  const after = regroup(before, [...runs(0, 4), ...old, ...runs(9, 12)]);
  assert.deepEqual(ids(after), ['0 1 2', '3', '4 5 6', '7 8 9', '10 11']);
  assert.equal(after[2], before[0]);
});

test('[P8] a run that was replaced makes its stretch another, and no other', () => {
  const old = runs(0, 6);
  const before = regroup([], old);
  const after = regroup(before, [...old.slice(0, 5), run(5)]);
  assert.equal(after[0], before[0]);
  assert.notEqual(after[1], before[1]);
  assert.equal(after[1]?.key, before[1]?.key);
});

test('a conversation that was told anew is cut anew; one that became shorter ends where it ends', () => {
  const before = regroup([], runs(0, 6));
  assert.deepEqual(ids(regroup(before, runs(10, 14))), ['10 11 12', '13']);
  assert.deepEqual(ids(regroup(before, runs(0, 2))), ['0 1']);
});

test('a message is found by its id, and a longer one is thought to be taller', () => {
  const say = (text: string): Run => ({
    ...run(0),
    items: [{ kind: 'text', id: 'm1', lane: null, text, open: false }],
  });
  const stretch = (text: string): Stretch => ({ key: 'r0', runs: [say(text)] });
  assert.equal(holdsMessage([run(1), say('x')], 'm1'), true);
  assert.equal(holdsMessage([run(1)], 'm1'), false);
  assert.ok(roughHeight(stretch('x'.repeat(800))) > roughHeight(stretch('x')));
  assert.ok(roughHeight(stretch('a\nb\nc\nd')) > roughHeight(stretch('abcd')));
});
