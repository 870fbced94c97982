import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorRow } from '../../../src/transport/ops/protocol.ts';
import { rowsOf } from '../../../src/ui/dev/ops-fixtures.ts';
import { actsFor } from '../../../src/ui/ops/acts.ts';
import { edgeOf, withParents } from '../../../src/ui/ops/chart-marks.ts';
import { ALL_ACTORS, counts, linesOf } from '../../../src/ui/ops/roster.ts';
import { hashOf, routeIn } from '../../../src/ui/ops/route.ts';
import { lineThrough } from '../../../src/ui/ops/spark.ts';
import { scrollTo, spanOf } from '../../../src/ui/ops/window.ts';

const actor = (id: string, change: Partial<ActorRow> = {}): ActorRow => ({
  id,
  kind: 'conversation',
  state: 'dormant',
  user: 'ada',
  since: 0,
  ...change,
});
const mapOf = (...rows: ActorRow[]) => new Map(rows.map((row) => [row.id, row]));
const family = mapOf(
  actor('c1', { since: 1 }),
  actor('s1', { kind: 'session', state: 'idle', of: 'c1', since: 9 }),
  actor('p1', { kind: 'claude', state: '', of: 'c1', since: 5, residentBytes: 70, pid: 1 }),
  actor('c2', { since: 7, user: 'grace', run: 'r-2', state: 'alive.running' }),
  actor('s2', { kind: 'session', state: 'idle', since: 3 }),
);
const ids = (wanted: Partial<typeof ALL_ACTORS>) =>
  linesOf(family, { ...ALL_ACTORS, ...wanted }).map(({ row, depth }) => '-'.repeat(depth) + row.id);

test('sessions, process and parked prompts stand below their conversation', () => {
  assert.deepEqual(ids({}), ['c1', '-s1', '-p1', 'c2', 's2']);
  assert.deepEqual(ids({ sort: 'oldest' }), ['c1', '-s1', '-p1', 's2', 'c2']);
  assert.deepEqual(ids({ sort: 'memory' }), ['c1', '-s1', '-p1', 'c2', 's2']);
  assert.deepEqual(ids({ asTree: false }), ['c2', 'c1', 's1', 's2', 'p1']);
});

test('what is filtered keeps the conversation it belongs to', () => {
  assert.deepEqual(ids({ kind: 'claude' }), ['c1', '-p1']);
  assert.deepEqual(ids({ kind: 'session', state: 'idle' }), ['c1', '-s1', 's2']);
  assert.deepEqual(ids({ text: 'GRACE' }), ['c2']);
  assert.deepEqual(ids({ text: 'r-2' }), ['c2']);
  assert.deepEqual(ids({ text: 'nobody' }), []);
});

test('kinds and states are counted, the states of the kind that is wanted', () => {
  assert.deepEqual(counts(family, null).kinds, {
    session: 2,
    conversation: 2,
    claude: 1,
    parked: 0,
  });
  assert.deepEqual(counts(family, 'session').states, [['idle', 2]]);
  assert.deepEqual(counts(family, null).states[0], ['idle', 2]);
});

test('of five thousand rows, a screenful is drawn', () => {
  const { first, end } = spanOf(56_000, 700, 56, rowsOf(5_000, 0).length);
  assert.ok(first <= 1_000 && end >= 1_013 && end - first < 40);
  assert.deepEqual(spanOf(0, 700, 56, 3), { first: 0, end: 3 });
  assert.deepEqual(spanOf(9_000, 700, 56, 0), { first: 0, end: 0 });
});

test('a row that keys lead to is scrolled to no further than it must', () => {
  assert.equal(scrollTo(0, 0, 100, 20), null);
  assert.equal(scrollTo(5, 0, 100, 20), 20);
  assert.equal(scrollTo(1, 60, 100, 20), 20);
});

test('a state is lit with those around it, a move along the edge as it is written', () => {
  assert.deepEqual(withParents('alive.running'), ['alive.running', 'alive']);
  const chart = new Set([
    'edge:alive:dormant',
    'edge:alive.ready:alive.running',
    'edge:queued:alive',
  ]);
  const has = (id: string) => chart.has(id);
  assert.equal(edgeOf({ from: 'alive.running', to: 'dormant' }, has), 'edge:alive:dormant');
  assert.equal(
    edgeOf({ from: 'alive.ready', to: 'alive.running' }, has),
    'edge:alive.ready:alive.running',
  );
  assert.equal(edgeOf({ from: 'queued', to: 'alive.starting' }, has), 'edge:queued:alive');
  assert.equal(edgeOf({ from: 'stopped', to: 'dormant' }, has), null);
});

test('the address says what is shown, whatever an id holds', () => {
  for (const id of ['conversation:a/b', '*', 'ü %'])
    assert.deepEqual(routeIn(hashOf({ show: 'actor', actor: id })), { show: 'actor', actor: id });
  assert.deepEqual(routeIn(hashOf({ show: 'replay', name: 'a b' })), {
    show: 'replay',
    name: 'a b',
  });
  assert.deepEqual(routeIn(hashOf({ show: 'capsules' })), { show: 'capsules' });
  assert.deepEqual(routeIn('#/actor/%E0%A4%A'), { show: 'actor', actor: '%E0%A4%A' });
  assert.deepEqual(routeIn('#elsewhere'), { show: 'nothing' });
});

test('what may be done to an actor depends on what it is', () => {
  const acts = (row: ActorRow, capsulesMax = 5) => actsFor(row, capsulesMax).map(({ act }) => act);
  assert.deepEqual(acts(family.get('c1')!), ['capsule', 'signOut']);
  assert.deepEqual(acts(family.get('c2')!), ['interrupt', 'stopProcess', 'capsule', 'signOut']);
  assert.deepEqual(acts(family.get('s1')!), ['closeSession', 'record', 'signOut']);
  assert.deepEqual(acts({ ...family.get('s1')!, recorded: true }), [
    'closeSession',
    'capsule',
    'signOut',
  ]);
  assert.deepEqual(acts(family.get('s1')!, 0), ['closeSession', 'signOut']);
  assert.deepEqual(actsFor(family.get('p1')!, 5)[0], { act: 'stopProcess', actor: 'c1' });
  assert.deepEqual(acts({ ...family.get('s1')!, user: null }, 0), ['closeSession']);
});

test('a small line ends at the right, as high as its highest value', () => {
  assert.equal(lineThrough([], 120, 24), '');
  assert.equal(lineThrough([0, 2, 1], 120, 24), 'M117 23.0L118 1.0L119 12.0');
  assert.equal(lineThrough([1], 120, 24, 4), 'M119 17.5');
});
