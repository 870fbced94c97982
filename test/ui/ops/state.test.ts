import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorRow, OpsServerFrame } from '../../../src/transport/ops/protocol.ts';
import { eventsOf, figuresAt, rowsOf } from '../../../src/ui/dev/ops-fixtures.ts';
import {
  ALL,
  FIGURES_MAX,
  follow,
  lineChanged,
  type OpsState,
  receive,
  replied,
  START,
} from '../../../src/ui/ops/state.ts';
import { standingAt } from '../../../src/ui/ops/trail.ts';

const rows = rowsOf(6, 0);
const row = (change: Partial<ActorRow> = {}): ActorRow => ({ ...rows[0]!, ...change });
/** Each `followed` that answers has its reply behind it. */
const after = (state: OpsState, ...frames: OpsServerFrame[]) =>
  frames.reduce((now, frame) => {
    const next = receive(now, frame);
    return frame.type === 'followed' ? replied(next) : next;
  }, state);
const listed = after(START, { type: 'actors', rows, last: true });
const snapshot = { status: 'active', state: 'dormant', context: {} };
const events = (count: number, first = 1, dropped = 0): OpsServerFrame => ({
  type: 'events',
  events: eventsOf(count, 0, 0, first),
  dropped,
});

test('a list that comes in parts is shown once all of it is there', () => {
  const half = after(START, { type: 'actors', rows: rows.slice(0, 3), last: false });
  assert.equal(half.rows.size, 0);
  assert.equal(half.isListed, false);
  const whole = after(half, { type: 'actors', rows: rows.slice(3), last: true });
  assert.equal(whole.rows.size, 6);
  assert.equal(whole.isListed, true);
});

test('a new list takes the place of the old one, with what changed while it came', () => {
  const state = after(
    listed,
    { type: 'actors', rows: [rows[1]!], last: false },
    { type: 'changed', rows: [{ ...rows[1]!, queue: 4 }], gone: [] },
    { type: 'actors', rows: [rows[2]!], last: true },
  );
  assert.deepEqual([...state.rows.keys()], [rows[1]!.id, rows[2]!.id]);
  assert.equal(state.rows.get(rows[1]!.id)?.queue, 4);
});

test('what did not change stays the same object', () => {
  const state = after(listed, {
    type: 'changed',
    rows: [row({ state: 'stopped' })],
    gone: [rows[5]!.id],
  });
  assert.equal(state.rows.size, 5);
  assert.equal(state.rows.get(rows[0]!.id)?.state, 'stopped');
  assert.equal(state.rows.get(rows[1]!.id), rows[1]);
});

test('figures are kept for two minutes', () => {
  const frames = Array.from({ length: FIGURES_MAX + 5 }, (_, step) => ({
    type: 'figures' as const,
    figures: figuresAt(step, 0),
  }));
  const { figures } = after(START, ...frames);
  assert.equal(figures.length, FIGURES_MAX);
  assert.equal(figures.at(-1)?.at, (FIGURES_MAX + 4) * 1000);
});

test('events that were still on their way for another actor are not mixed with those of the new one', () => {
  const first = follow(listed, rows[0]!.id);
  const both = follow(first, rows[1]!.id);
  const early = after(both, { type: 'followed', actor: rows[0]!.id, snapshot }, events(3));
  assert.equal(early.followed?.trail.kept.length, 0);
  const state = after(early, { type: 'followed', actor: rows[1]!.id, snapshot }, events(2));
  assert.equal(state.followed?.actor, rows[1]!.id);
  assert.equal(state.followed?.trail.kept.length, 2);
});

test('an actor that has gone is said to have ended, and what it did stays', () => {
  const state = after(
    follow(listed, rows[0]!.id),
    { type: 'followed', actor: rows[0]!.id, snapshot },
    events(3),
    { type: 'changed', rows: [], gone: [rows[0]!.id] },
  );
  assert.equal(state.followed?.hasEnded, true);
  assert.equal(state.followed?.row, rows[0]);
  assert.equal(state.followed?.trail.kept.length, 3);
});

test('an actor that had gone before it was followed has ended', () => {
  const state = after(follow(listed, 'gone'), { type: 'followed', actor: 'gone', snapshot: null });
  assert.equal(state.followed?.hasEnded, true);
  const later = after(state, { type: 'changed', rows: [row({ queue: 1 })], gone: [] });
  assert.equal(later.followed?.hasEnded, true);
  const all = after(follow(listed, ALL), { type: 'followed', actor: null, snapshot: null });
  assert.equal(all.followed?.hasEnded, false);
});

test('after the line was down, what was kept stays and the gap is marked', () => {
  const cut = lineChanged(
    after(
      follow(listed, rows[0]!.id),
      { type: 'followed', actor: rows[0]!.id, snapshot },
      events(3, 1, 5),
    ),
    { is: 'waiting', until: 0 },
  );
  const again = lineChanged({ ...cut, unanswered: 0 }, { is: 'live' });
  const state = after(
    { ...again, unanswered: 1 },
    { type: 'followed', actor: rows[0]!.id, snapshot },
    events(2, 1, 1),
  );
  assert.deepEqual(
    state.followed?.trail.kept.map(({ missing }) => missing),
    [0, 0, 0, null, 0],
  );
  assert.equal(state.followed?.dropped, 6);
});

test('what the server says of an actor after it left events out, holds until its next event', () => {
  const state = after(
    follow(listed, rows[0]!.id),
    { type: 'followed', actor: rows[0]!.id, snapshot },
    events(3),
    { type: 'followed', actor: rows[0]!.id, snapshot: { ...snapshot, state: 'stopped' } },
  );
  const { trail } = state.followed!;
  assert.equal(standingAt(trail, rows[0]!.id, 2)?.state, 'stopped');
  assert.equal(standingAt(trail, rows[0]!.id, 1)?.state, 'alive.running');
  const later = after(state, events(2, 4)).followed!.trail;
  assert.equal(standingAt(later, rows[0]!.id, 4)?.state, 'alive.running');
});
