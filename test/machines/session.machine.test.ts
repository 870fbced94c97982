import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actor, createActor, SimulatedClock } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { FAULTS, type FaultCode } from '../../src/faults.ts';
import type { ParkedPrompt, SessionEvent } from '../../src/machines/session.events.ts';
import { EXPIRING_MS, sessionMachine } from '../../src/machines/session.machine.ts';
import { SignInEnds } from '../../src/machines/sign-in-ends.ts';
import type { Refused } from '../../src/store/limits.ts';

fc.configureGlobal({ seed: 20_262, numRuns: 300 });

const HOUR_MS = 3_600_000;
/** So late the end of a sign-in may be told. */
const LATE_MS = 100;
const REFUSAL: Refused = {
  limit: 'hour',
  max: 60,
  remaining: 0,
  retryAfterMs: 1_000,
  resetAt: 1_000,
};
const LATER: Refused = {
  limit: 'day',
  max: 500,
  remaining: 0,
  retryAfterMs: 9_000,
  resetAt: 9_000,
};

type Call = ['askLimits' | 'submit', string] | ['refuse' | 'tellParked', string, Refused];

/** A session whose sign-in is looked at by hand and whose time stands still. */
function startSession() {
  const clock = new SimulatedClock();
  const calls: Call[] = [];
  const session: Actor<typeof sessionMachine> = createActor(sessionMachine, {
    clock,
    input: {
      ports: {
        askLimits: (runId) => calls.push(['askLimits', runId]),
        submit: (runId) => calls.push(['submit', runId]),
        refuse: (runId, refusal) => calls.push(['refuse', runId, refusal]),
        tellParked: (runId, refusal) => calls.push(['tellParked', runId, refusal]),
      },
      now: () => clock.now(),
    },
  });
  const ends = new SignInEnds({
    sessions: () => [{ actor: session }],
    now: () => clock.now(),
    clock,
  });
  session.start();
  return {
    session,
    clock,
    calls,
    get state() {
      return session.getSnapshot().value;
    },
    get fault() {
      return session.getSnapshot().output?.fault;
    },
    send: (...events: SessionEvent[]) => {
      for (const event of events) {
        if (event.type === 'signIn.verified') ends.expect(event.identity.expiresAt);
        if (event.type === 'signIn.extended') ends.expect(event.expiresAt);
        session.send(event);
      }
    },
  };
}

function startIdle(expiresAt = HOUR_MS) {
  const started = startSession();
  started.send(verified(expiresAt));
  return started;
}

function startStreaming() {
  const started = startIdle();
  started.send({ type: 'run.started', runId: 'live' });
  return started;
}

/** A prompt is parked in the conversation it watches. */
function startThrottled() {
  const started = startIdle();
  started.send(parked('parked'));
  started.calls.length = 0;
  return started;
}

const verified = (expiresAt = HOUR_MS): SessionEvent => ({
  type: 'signIn.verified',
  identity: { user: 'ada', operator: false, signInId: 's1', expiresAt },
});
const refusedWith = (fault: FaultCode): SessionEvent => ({ type: 'signIn.refused', fault });
const prompt = (runId: string): SessionEvent => ({ type: 'client.prompt', runId });
const granted = (runId: string): SessionEvent => ({ type: 'limits.granted', runId });
const refused = (runId: string, refusal = REFUSAL): SessionEvent => ({
  type: 'limits.refused',
  runId,
  refusal,
});
const parked = (runId: string, refusal = REFUSAL): SessionEvent => ({
  type: 'prompt.parked',
  runId,
  refusal,
});
const unparked = (runId: string): SessionEvent => ({ type: 'prompt.unparked', runId });
const watch = (runId: string | null, inIt: ParkedPrompt | null = null): SessionEvent => ({
  type: 'watch.changed',
  runId,
  parked: inIt,
});
const runStarted = (runId: string): SessionEvent => ({ type: 'run.started', runId });
const runEnded = (runId: string): SessionEvent => ({ type: 'run.ended', runId });

const STARTS = {
  authenticating: () => startSession(),
  idle: () => startIdle(),
  streaming: () => startStreaming(),
  throttled: () => startThrottled(),
};

test('a session has exactly five states', () => {
  const states = ['authenticating', 'closed', 'idle', 'streaming', 'throttled'];
  assert.deepEqual(Object.keys(sessionMachine.states).sort(), states);
});

test('a socket begins as authenticating', () => {
  assert.equal(startSession().state, 'authenticating');
});

test('a person who may come in is idle', () => {
  const { state, session } = startIdle();
  assert.equal(state, 'idle');
  assert.equal(session.getSnapshot().context.identity?.user, 'ada');
});

test('a person who may not come in is told the fault of the check', () => {
  const started = startSession();
  started.send(refusedWith('auth.required'));
  assert.equal(started.state, 'closed');
  assert.equal(started.fault, 'auth.required');
});

test('[R36] a sign-in that has expired already closes within a tenth of a second', () => {
  const started = startIdle(0);
  started.clock.increment(LATE_MS);
  assert.equal(started.state, 'closed');
  assert.equal(started.fault, 'auth.expired');
});

test('nothing a client says counts before it has come in', () => {
  const started = startSession();
  started.send(prompt('a'), granted('a'), refused('a'), runStarted('r'), watch('r'));
  assert.equal(started.state, 'authenticating');
  assert.deepEqual(started.calls, []);
});

for (const from of ['idle', 'streaming'] as const) {
  test(`a prompt while ${from} asks the limits, and is handed on when they allow it`, () => {
    const started = STARTS[from]();
    started.send(prompt('a'));
    assert.deepEqual(started.calls, [['askLimits', 'a']]);
    started.send(granted('a'));
    assert.deepEqual(started.calls.slice(1), [['submit', 'a']]);
    assert.equal(started.state, from);
  });

  test(`[R29] a prompt that is parked while ${from} throttles the session, and the client is told`, () => {
    const started = STARTS[from]();
    started.send(prompt('a'), parked('a'), { type: 'limits.parked', runId: 'a' });
    assert.equal(started.state, 'throttled');
    assert.deepEqual(started.calls.at(-1), ['tellParked', 'a', REFUSAL]);
    assert.deepEqual(started.session.getSnapshot().context.counting, []);
  });

  test(`[R29] a prompt that another tab parked while ${from} throttles this session too`, () => {
    const started = STARTS[from]();
    started.send(parked('theirs'));
    assert.equal(started.state, 'throttled');
    assert.deepEqual(started.calls, [['tellParked', 'theirs', REFUSAL]]);
  });

  test(`a prompt refused while ${from} that is not kept is refused only`, () => {
    const started = STARTS[from]();
    started.send(prompt('a'), refused('a'));
    assert.equal(started.state, from);
    assert.deepEqual(started.calls.at(-1), ['refuse', 'a', REFUSAL]);
  });
}

test('a run that starts makes the session streaming, its end makes it idle', () => {
  const started = startIdle();
  started.send(runStarted('r1'));
  assert.equal(started.state, 'streaming');
  started.send(runEnded('r1'));
  assert.equal(started.state, 'idle');
  assert.equal(started.session.getSnapshot().context.run, null);
});

test('the end of another run than the live one changes nothing', () => {
  const started = startStreaming();
  started.send(runEnded('other'));
  assert.equal(started.state, 'streaming');
});

test('a run that starts before the last one was seen to end is the live one', () => {
  const started = startStreaming();
  started.send(runStarted('next'), runEnded('live'));
  assert.equal(started.state, 'streaming');
  started.send(runEnded('next'));
  assert.equal(started.state, 'idle');
});

test('watching another conversation takes its state', () => {
  const started = startIdle();
  started.send(watch('r2'));
  assert.equal(started.state, 'streaming');
  started.send(watch('r3'));
  assert.equal(started.session.getSnapshot().context.run, 'r3');
  started.send(watch(null));
  assert.equal(started.state, 'idle');
  started.send(watch(null));
  assert.equal(started.state, 'idle');
});

test('[R29] watching a conversation in which a prompt is parked throttles, watching another does not', () => {
  const started = startIdle();
  started.send(watch(null, { runId: 'kept', refusal: null }));
  assert.equal(started.state, 'throttled');
  started.send(watch('live', { runId: 'kept', refusal: REFUSAL }));
  assert.equal(started.state, 'throttled');
  started.send(watch('live'));
  assert.equal(started.state, 'streaming');
  started.send(watch(null, { runId: 'kept', refusal: null }), watch(null));
  assert.equal(started.state, 'idle');
});

test('[R29] a parked prompt that was sent or taken back throttles no more', () => {
  const started = startThrottled();
  started.send(unparked('other'));
  assert.equal(started.state, 'throttled');
  started.send(unparked('parked'));
  assert.equal(started.state, 'idle');
  started.clock.increment(HOUR_MS / 2);
  assert.deepEqual(started.calls, [], 'the session itself sends nothing');
});

test('[R29] a parked prompt that waits for another limit now is told so again', () => {
  const started = startThrottled();
  started.send(parked('parked', LATER));
  assert.equal(started.state, 'throttled');
  assert.deepEqual(started.calls, [['tellParked', 'parked', LATER]]);
});

test('a second prompt behind a parked one is refused with the same reason, and the first kept', () => {
  const started = startThrottled();
  started.send(prompt('second'));
  assert.equal(started.state, 'throttled');
  assert.deepEqual(started.calls, [['refuse', 'second', REFUSAL]]);
});

test('behind a parked prompt whose reason is not known yet the limits are asked', () => {
  const started = startIdle();
  started.send(watch(null, { runId: 'kept', refusal: null }), prompt('second'));
  assert.deepEqual(started.calls, [['askLimits', 'second']]);
});

test('what was asked about before another was parked is handed on, or refused, all the same', () => {
  const started = startIdle();
  started.send(prompt('b'), prompt('c'), parked('a'), granted('b'), refused('c'));
  assert.equal(started.state, 'throttled');
  assert.deepEqual(started.calls.slice(-2), [
    ['submit', 'b'],
    ['refuse', 'c', REFUSAL],
  ]);
});

test('runs start and end while throttled, and decide the state after it', () => {
  const started = startThrottled();
  started.send(runStarted('r1'));
  assert.equal(started.state, 'throttled');
  started.send(unparked('parked'));
  assert.equal(started.state, 'streaming');

  const other = startThrottled();
  other.send(runStarted('r1'), runEnded('r1'), unparked('parked'));
  assert.equal(other.state, 'idle');
});

test('[R36] a session closes when its sign-in expires', () => {
  for (const start of [STARTS.idle, STARTS.streaming, STARTS.throttled]) {
    const started = start();
    started.clock.increment(HOUR_MS - 1);
    assert.notEqual(started.state, 'closed');
    started.clock.increment(LATE_MS);
    assert.equal(started.state, 'closed');
    assert.equal(started.fault, 'auth.expired');
  }
});

test('[R36] an extension counts instead of the first expiry, later or sooner', () => {
  const later = startIdle();
  later.send({ type: 'signIn.extended', expiresAt: 2 * HOUR_MS });
  later.clock.increment(2 * HOUR_MS - 1);
  assert.equal(later.state, 'idle');
  later.clock.increment(LATE_MS);
  assert.equal(later.state, 'closed');

  const sooner = startIdle();
  sooner.send({ type: 'signIn.extended', expiresAt: 1_000 });
  sooner.clock.increment(1_000 + LATE_MS);
  assert.equal(sooner.state, 'closed');
});

test('[R36] many extensions leave one expiry', () => {
  const started = startIdle();
  for (let i = 1; i <= 50; i++) {
    started.clock.increment(1_000);
    started.send({ type: 'signIn.extended', expiresAt: started.clock.now() + HOUR_MS });
  }
  started.clock.increment(HOUR_MS - 1);
  assert.equal(started.state, 'idle');
  started.clock.increment(LATE_MS);
  assert.equal(started.state, 'closed');
});

test('[DO8] a sign-in that is about to end says so two minutes before, until it is extended', () => {
  const started = startIdle();
  const expiring = () => started.session.getSnapshot().context.expiring;
  started.clock.increment(HOUR_MS - EXPIRING_MS - 1);
  assert.equal(expiring(), null);
  started.clock.increment(1);
  assert.equal(expiring(), HOUR_MS);
  assert.equal(started.state, 'idle');
  started.send({ type: 'signIn.extended', expiresAt: 2 * HOUR_MS });
  assert.equal(expiring(), null);
  started.clock.increment(HOUR_MS);
  assert.equal(expiring(), 2 * HOUR_MS);
  started.clock.increment(EXPIRING_MS);
  assert.equal(started.fault, 'auth.expired');
});

test('[DO8] a sign-in with less than two minutes left says so at once, and again for a new end as near', () => {
  const started = startIdle(60_000);
  const expiring = () => started.session.getSnapshot().context.expiring;
  assert.equal(expiring(), 60_000);
  started.send({ type: 'signIn.extended', expiresAt: 90_000 });
  assert.equal(expiring(), 90_000);
  started.clock.increment(89_999);
  assert.equal(started.state, 'idle');
  started.clock.increment(LATE_MS);
  assert.equal(started.state, 'closed');
});

const DRAINING: SessionEvent = { type: 'server.draining' };

test('[DR4] a socket on which nothing runs closes when the server drains, before it is let in too', () => {
  for (const start of [STARTS.authenticating, STARTS.idle, STARTS.throttled]) {
    const started = start();
    started.send(DRAINING);
    assert.equal(started.state, 'closed');
    assert.equal(started.fault, 'server.restarting');
  }
});

test('[DR4] a socket on which a run is live stays until the run ends, and not longer', () => {
  const streaming = startStreaming();
  streaming.send(DRAINING, runEnded('other'));
  assert.equal(streaming.state, 'streaming');
  streaming.send(runEnded('live'));
  assert.equal(streaming.fault, 'server.restarting');

  const throttled = startThrottled();
  throttled.send(runStarted('live'), DRAINING);
  assert.equal(throttled.state, 'throttled');
  throttled.send(runEnded('live'));
  assert.equal(throttled.fault, 'server.restarting');
});

const ENDINGS: { event: SessionEvent; fault: FaultCode | null; title: string }[] = [
  { event: { type: 'signIn.revoked' }, fault: 'auth.expired', title: '[R37] a revoked sign-in' },
  { event: { type: 'server.stopping' }, fault: 'server.restarting', title: 'a stopping server' },
  { event: { type: 'socket.closed' }, fault: null, title: 'a closed socket' },
  {
    event: { type: 'client.fault', fault: 'frame.malformed' },
    fault: 'frame.malformed',
    title: 'a fault of the client',
  },
];

for (const { event, fault, title } of ENDINGS) {
  for (const [state, start] of Object.entries(STARTS)) {
    test(`${title} closes a session that is ${state}`, async () => {
      const started = start();
      assert.equal(started.state, state);
      started.send(event);
      assert.equal(started.state, 'closed');
      assert.equal(started.fault, fault);
      started.send(prompt('late'), granted('late'));
      started.clock.increment(2 * HOUR_MS);
      assert.ok(!started.calls.some(([, runId]) => runId === 'late'));
    });
  }
}

test('a session that closed while authenticating stays closed when the check passes', () => {
  const started = startSession();
  started.send({ type: 'socket.closed' }, verified());
  assert.equal(started.state, 'closed');
});

/** What can happen to one session, with few names, so that paths meet. */
const EVENTS: readonly SessionEvent[] = [
  prompt('a'),
  prompt('b'),
  granted('a'),
  granted('b'),
  refused('a'),
  refused('b'),
  parked('a'),
  parked('b', LATER),
  unparked('a'),
  unparked('b'),
  { type: 'limits.parked', runId: 'a' },
  watch(null, { runId: 'a', refusal: null }),
  watch('r2', { runId: 'b', refusal: LATER }),
  runStarted('r1'),
  runEnded('r1'),
  runStarted('r2'),
  watch(null),
  watch('r1'),
  { type: 'signIn.extended', expiresAt: 2 * HOUR_MS },
  { type: 'signIn.expiring' },
  ...ENDINGS.map(({ event }) => event),
  DRAINING,
];

test('every state is reached by its shortest path in a real actor as in the model', () => {
  const { input } = modelInput();
  const paths = getShortestPaths(sessionMachine, {
    input,
    events: [verified(), refusedWith('auth.required'), ...EVENTS],
    filterEvents: (snapshot, event) =>
      snapshot.status === 'active' &&
      // Before the check is answered the machine has nothing to extend.
      !(snapshot.value === 'authenticating' && event.type === 'signIn.extended') &&
      // A run id is asked about once at a time.
      !(event.type === 'client.prompt' && snapshot.context.counting.includes(event.runId)) &&
      snapshot.can(event),
    serializeState: (snapshot) =>
      JSON.stringify([
        snapshot.value,
        snapshot.context.run,
        [...snapshot.context.counting].sort(),
        snapshot.context.parked?.runId,
        snapshot.context.fault,
      ]),
  });
  const values = new Set(paths.map(({ state }) => String(state.value)));
  assert.deepEqual([...values].sort(), Object.keys(sessionMachine.states).sort());
  assert.ok(paths.length >= 20, `only ${paths.length} paths`);

  for (const { steps, state } of paths) {
    const started = startSession();
    for (const { event } of steps.slice(1)) started.send(event);
    assert.equal(started.state, state.value);
    assert.equal(started.session.getSnapshot().context.run, state.context.run);
    assert.equal(started.session.getSnapshot().context.parked?.runId, state.context.parked?.runId);
    started.session.stop();
  }
});

function modelInput() {
  const ignore = () => {};
  return {
    input: {
      ports: { askLimits: ignore, submit: ignore, refuse: ignore, tellParked: ignore },
      now: () => 0,
    },
  };
}

test('in any order of events the state tells what is so', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...EVENTS.filter((e) => !ENDINGS.some(({ event }) => event === e) && e !== DRAINING),
      ),
      fc.constantFrom<number>(1, 500, 1_001),
    ),
    { maxLength: 40 },
  );
  const property = fc.property(steps, (sequence) => {
    const started = startIdle();
    for (const step of sequence) {
      if (typeof step === 'number') started.clock.increment(step);
      else started.send(step);
      const { value, context, status } = started.session.getSnapshot();
      assert.equal(status, 'active');
      assert.equal(value === 'throttled', context.parked !== null);
      if (value === 'streaming') assert.notEqual(context.run, null);
      if (value === 'idle') assert.equal(context.run, null);
    }
    started.session.stop();
  });
  fc.assert(property);
});

test('in any order of events: a prompt is asked about or refused, never swallowed', () => {
  const steps = fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 });
  const property = fc.property(steps, (sequence) => {
    const started = startIdle();
    for (const event of sequence) {
      const before = started.calls.length;
      const open = started.state !== 'closed';
      started.send(event);
      if (event.type !== 'client.prompt') continue;
      const calls = started.calls.slice(before);
      if (!open) assert.deepEqual(calls, []);
      else if (calls[0]?.[0] === 'askLimits') assert.deepEqual(calls, [['askLimits', event.runId]]);
      else assert.deepEqual(calls[0]?.slice(0, 2), ['refuse', event.runId]);
    }
    started.session.stop();
  });
  fc.assert(property);
});

test('every fault that a session can close with has a close code', () => {
  for (const { fault } of ENDINGS) if (fault !== null) assert.notEqual(FAULTS[fault].close, null);
});

test('[R15] a prompt about which the limits could not be asked is refused by them no more', () => {
  const failed: SessionEvent = { type: 'limits.failed', runId: 'a' };
  for (const start of [startIdle, startStreaming]) {
    const started = start();
    const { state } = started;
    started.send(prompt('a'), failed, granted('a'));
    assert.deepEqual(started.calls, [['askLimits', 'a']], 'an answer that comes after all is late');
    assert.equal(started.state, state);
  }
});
