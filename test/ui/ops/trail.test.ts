import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../../src/transport/ops/protocol.ts';
import { eventsOf } from '../../../src/ui/dev/ops-fixtures.ts';
import { trailOf } from '../../../src/ui/ops/replayed.ts';
import { arrowOf, lanesOf } from '../../../src/ui/ops/sequence.ts';
import {
  append,
  begin,
  find,
  KEPT_MAX,
  moveAt,
  NOTHING,
  standingAt,
} from '../../../src/ui/ops/trail.ts';
import { stepFrom } from '../../../src/ui/ops/use-stepper.ts';

const CONVERSATION = 'conversation:t2';
const snapshot = { status: 'active', state: 'dormant', context: { queue: 0 } };
const trail = append(begin(CONVERSATION, snapshot), eventsOf(12, 0));

test('how an actor stood is known for every event, also those of others', () => {
  assert.equal(standingAt(trail, CONVERSATION, -1)?.state, 'dormant');
  assert.equal(standingAt(trail, CONVERSATION, 0)?.state, 'dormant');
  assert.equal(standingAt(trail, CONVERSATION, 3)?.state, 'alive.awaitingApproval');
  assert.equal(standingAt(trail, CONVERSATION, 8)?.state, 'alive.ready');
  assert.equal(standingAt(trail, 'session:s2a', 8)?.state, 'idle');
  assert.equal(standingAt(trail, 'another', 8), null);
});

test('a move leads from where the actor stood to where it stands', () => {
  assert.deepEqual(moveAt(trail, CONVERSATION, 1), { from: 'dormant', to: 'alive.running' });
  assert.equal(moveAt(trail, CONVERSATION, 0), null);
  assert.equal(moveAt(trail, CONVERSATION, 6), null);
});

test('only the newest are kept, and how the actors stood before them', () => {
  const many = append(trail, eventsOf(KEPT_MAX + 30, 0, 2, 13));
  assert.equal(many.kept.length, KEPT_MAX);
  assert.equal(many.nextKey, KEPT_MAX + 42);
  const first = many.kept[0]!.event;
  assert.notEqual(standingAt(many, first.actor, -1), null);
});

test('what the server left out is counted where it is missing', () => {
  const gaps = append(append(NOTHING, eventsOf(2, 0)), eventsOf(2, 0, 2, 8));
  assert.deepEqual(
    gaps.kept.map(({ missing }) => missing),
    [0, 0, 5, 0],
  );
});

test('events are found by their words and where they came from', () => {
  const types = (indices: number[]) => indices.map((at) => trail.kept[at]!.event.event.type);
  assert.deepEqual(types(find(trail, 'EXITED', '')), ['claude.exited']);
  assert.deepEqual(types(find(trail, '', 'timer')), ['xstate.after.idleTimeout']);
  assert.deepEqual(find(trail, 'exited', 'edge'), []);
});

test('a step goes to the next event that is shown, and stays within them', () => {
  assert.equal(stepFrom(4, 1, [1, 4, 9]), 9);
  assert.equal(stepFrom(9, 1, [1, 4, 9]), null);
  assert.equal(stepFrom(5, -1, [1, 4, 9]), 4);
  assert.equal(stepFrom(1, -1, [1, 4, 9]), null);
});

test('a sequence has the line’s lanes, and others where they are used', () => {
  const lanes = lanesOf(trail);
  assert.deepEqual(lanes, ['edge', 'session', 'conversation', 'claude', 'limits']);
  assert.deepEqual(arrowOf(trail.kept[0]!.event, lanes), { from: 0, to: 1 });
  assert.deepEqual(arrowOf(trail.kept[3]!.event, lanes), { from: 3, to: 2 });
  assert.deepEqual(arrowOf(trail.kept[9]!.event, lanes), { from: 2, to: 2 });
});

test('a capsule is gone through as a trail, from what it began with', () => {
  const capsule = {
    name: 'c',
    kind: 'conversation',
    actor: CONVERSATION,
    at: 0,
    why: 'operator',
    events: 2,
    bytes: 9,
  } as const;
  const step = (type: string, state: string, from: Origin) => ({
    at: 0,
    from,
    event: { type },
    snapshot: { ...snapshot, state },
  });
  const steps = [
    step('begin', 'dormant', 'server'),
    step('user.prompt', 'queued', 'session'),
    step('xstate.after.wait', 'queued', 'timer'),
  ];
  const replayed = trailOf({ capsule, sameMachine: true, identical: true, steps });
  assert.deepEqual(
    replayed.kept.map(({ event }) => [event.from, event.moved]),
    [
      ['server', false],
      ['session', true],
      ['timer', false],
    ],
  );
  assert.deepEqual(moveAt(replayed, CONVERSATION, 1), { from: 'dormant', to: 'queued' });
});
