import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from 'xstate';
import { Admission, type AdmissionParts } from '../../src/machines/admission.ts';

const never = new AbortController().signal;
const settled = () => new Promise(setImmediate);
const LOOK_MS = 1_000;

function stageAdmission(processesMax: number, given: Partial<AdmissionParts> = {}) {
  const clock = new SimulatedClock();
  const memory = { isTight: false, pinned: 0 };
  /** What was said each time that a process was to end: how many wait. */
  const full: number[] = [];
  const admission = new Admission({
    processesMax,
    memoryIsTight: () => memory.isTight,
    pinned: () => memory.pinned,
    onFull: (waiting) => full.push(waiting),
    clock: {
      setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
      clearTimeout: (id) => clock.clearTimeout(id as number),
    },
    ...given,
  });
  return { admission, clock, memory, full };
}

/** Asks for room; tells when it was given, and starts and ends by hand. */
function applicant(admission: Admission, { user = 'ada', signal = never } = {}) {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const state = { starting: false };
  const turn = admission.admit(
    user,
    () => {
      state.starting = true;
      return started.promise;
    },
    ended.promise,
    signal,
  );
  return { state, turn, started: started.resolve, ended: ended.resolve };
}

const startingOf = (all: readonly { state: { starting: boolean } }[]) =>
  all.map(({ state }) => state.starting);

test('two start at a time, however much room there is', async () => {
  const { admission } = stageAdmission(10);
  const all = Array.from({ length: 5 }, () => applicant(admission));
  await settled();
  assert.deepEqual(startingOf(all), [true, true, false, false, false]);
  assert.equal(admission.state.starting, 2);
  all[0]?.started();
  await settled();
  assert.equal(all.filter(({ state }) => state.starting).length, 3);
  for (const { started, ended } of all) {
    started();
    ended();
  }
  await admission.idle();
});

test('no more are alive than the cap, and each end makes room for the next', async () => {
  const { admission } = stageAdmission(2);
  const all = Array.from({ length: 4 }, () => applicant(admission));
  for (const { started } of all) started();
  await settled();
  assert.deepEqual(admission.state, { alive: 2, waiting: 2, starting: 0 });
  assert.equal(all[2]?.state.starting, false);
  all[0]?.ended();
  await settled();
  assert.equal(all[2]?.state.starting, true);
  assert.equal(all[3]?.state.starting, false);
  for (const { ended } of all) ended();
  await admission.idle();
  assert.deepEqual(admission.state, { alive: 0, waiting: 0, starting: 0 });
});

test('[R30] users take turns for the room', async () => {
  const { admission } = stageAdmission(1);
  const users = ['ada', 'ada', 'ada', 'bob', 'eve'];
  const all = users.map((user) => applicant(admission, { user }));
  const order: number[] = [];
  for (const _ of all) {
    await settled();
    const next = all.findIndex(({ state }, i) => state.starting && !order.includes(i));
    order.push(next);
    all[next]?.started();
    all[next]?.ended();
  }
  assert.deepEqual(order, [0, 3, 4, 1, 2]);
  await admission.idle();
});

test('whoever can make room is asked when there is none, and each second until there is', async () => {
  const { admission, clock, full } = stageAdmission(1);
  const first = applicant(admission);
  await settled();
  clock.increment(LOOK_MS);
  assert.deepEqual(full, []);
  const second = applicant(admission);
  assert.deepEqual(full, [1]);
  clock.increment(LOOK_MS);
  assert.deepEqual(full, [1, 1]);
  first.started();
  first.ended();
  await settled();
  clock.increment(LOOK_MS);
  assert.deepEqual(full, [1, 1]);
  second.started();
  second.ended();
  await admission.idle();
});

test('one that gives up before there was room never starts', async () => {
  const { admission } = stageAdmission(1);
  const first = applicant(admission);
  first.started();
  const abort = new AbortController();
  const second = applicant(admission, { signal: abort.signal });
  abort.abort();
  first.ended();
  await admission.idle();
  await settled();
  await second.turn;
  assert.equal(second.state.starting, false);
});

test('one that gives up waits no longer', async () => {
  const { admission } = stageAdmission(1);
  const first = applicant(admission);
  first.started();
  const abort = new AbortController();
  applicant(admission, { signal: abort.signal });
  abort.abort();
  await settled();
  const { waiting } = admission.state;
  first.ended();
  await admission.idle();
  assert.equal(waiting, 0);
});

test('one that gives up once it has room keeps it until its process has gone', async () => {
  const { admission } = stageAdmission(1);
  const abort = new AbortController();
  const first = applicant(admission, { signal: abort.signal });
  first.started();
  const second = applicant(admission);
  abort.abort();
  await settled();
  assert.equal(second.state.starting, false);
  first.ended();
  await settled();
  assert.equal(second.state.starting, true);
  second.started();
  second.ended();
  await admission.idle();
});

// BUG src/machines/admission.ts: a signal that was aborted before fires no event, so this one is counted for ever.
test('one that had given up already is not counted as waiting', async () => {
  const { admission } = stageAdmission(1);
  const abort = new AbortController();
  abort.abort();
  await applicant(admission, { signal: abort.signal }).turn;
  assert.equal(admission.state.waiting, 0);
});

test('a start that fails gives its room back', async () => {
  const { admission } = stageAdmission(1);
  const broken = admission.admit(
    'ada',
    () => Promise.reject(new Error('no')),
    new Promise(() => {}),
    never,
  );
  await assert.rejects(broken, /no/);
  await admission.idle();
});

test('while memory is tight none starts beside another, and idle ones are ended', async () => {
  const { admission, clock, memory, full } = stageAdmission(8);
  const first = applicant(admission);
  first.started();
  await settled();
  memory.isTight = true;
  const second = applicant(admission);
  await settled();
  assert.equal(second.state.starting, false);
  assert.deepEqual(full, [1]);
  assert.equal(admission.hasSpareRoom(), false);
  memory.isTight = false;
  assert.equal(second.state.starting, false, 'it is looked at each second');
  clock.increment(LOOK_MS);
  assert.equal(second.state.starting, true);
  memory.isTight = true;
  clock.increment(LOOK_MS);
  assert.deepEqual(full, [1, 0], 'nobody waits; what is idle may go');
  for (const { started, ended } of [first, second]) {
    started();
    ended();
  }
  await admission.idle();
});

test('while memory is tight one is at work all the same, then the next', async () => {
  const { admission, memory } = stageAdmission(8);
  memory.isTight = true;
  const all = [applicant(admission), applicant(admission)];
  await settled();
  assert.deepEqual(startingOf(all), [true, false]);
  all[0]?.started();
  all[0]?.ended();
  await settled();
  assert.deepEqual(startingOf(all), [true, true]);
  all[1]?.started();
  all[1]?.ended();
  await admission.idle();
});

test('memory that gets tight while a process ends keeps the next from starting', async () => {
  const { admission, memory } = stageAdmission(2);
  const all = Array.from({ length: 3 }, () => applicant(admission));
  for (const { started } of all) started();
  await settled();
  memory.isTight = true;
  all[0]?.ended();
  await settled();
  assert.deepEqual(startingOf(all), [true, true, false]);
  for (const { ended } of all) ended();
  await admission.idle();
});

test('approvals that wait hold up nobody while memory is tight', async () => {
  const { admission, memory } = stageAdmission(8);
  const asks = applicant(admission);
  asks.started();
  await settled();
  Object.assign(memory, { isTight: true, pinned: 1 });
  const next = applicant(admission);
  await settled();
  assert.equal(next.state.starting, true);
  for (const { started, ended } of [asks, next]) {
    started();
    ended();
  }
  await admission.idle();
});

test('when none is alive any more, nothing is looked at', async () => {
  let looks = 0;
  const { admission, clock } = stageAdmission(1, {
    memoryIsTight: () => {
      looks += 1;
      return false;
    },
  });
  const only = applicant(admission);
  only.started();
  await settled();
  clock.increment(LOOK_MS);
  assert.equal(looks, 2, 'at its start, and after a second');
  only.ended();
  await admission.idle();
  looks = 0;
  clock.increment(10 * LOOK_MS);
  assert.equal(looks, 0);
});
