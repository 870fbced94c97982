import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Actor, createActor, SimulatedClock } from 'xstate';
import { EXPIRING_MS, sessionMachine } from '../../src/machines/session.machine.ts';
import { SignInEnds } from '../../src/machines/sign-in-ends.ts';

const HOUR_MS = 3_600_000;
const ports = { askLimits() {}, submit() {}, refuse() {}, tellParked() {} };

/** Sessions whose sign-ins end then, and how many timers wait. */
function startSessions(...ends: number[]) {
  const clock = new SimulatedClock();
  const waiting = new Set<unknown>();
  const now = () => clock.now();
  const sessions: { actor: Actor<typeof sessionMachine> }[] = [];
  const signInEnds = new SignInEnds({
    sessions: () => sessions,
    now,
    clock: {
      setTimeout(then, ms) {
        const timer = clock.setTimeout(() => {
          waiting.delete(timer);
          then();
        }, ms);
        waiting.add(timer);
        return timer;
      },
      clearTimeout(timer) {
        waiting.delete(timer);
        clock.clearTimeout(timer);
      },
    },
  });
  for (const expiresAt of ends) {
    const actor = createActor(sessionMachine, { input: { ports, now } }).start();
    sessions.push({ actor });
    actor.send({
      type: 'signIn.verified',
      identity: { user: 'ada', operator: false, signInId: `s${expiresAt}`, expiresAt },
    });
    signInEnds.expect(expiresAt);
  }
  return {
    clock,
    signInEnds,
    waiting,
    states: () => sessions.map(({ actor }) => actor.getSnapshot().value),
    warned: () => sessions.map(({ actor }) => actor.getSnapshot().context.expiring !== null),
  };
}

test('[R36] [DO8] each session hears of its own end, and one timer waits for all of them', () => {
  const { clock, waiting, states, warned } = startSessions(3 * HOUR_MS, HOUR_MS, 2 * HOUR_MS);
  assert.equal(waiting.size, 1);
  clock.increment(HOUR_MS - EXPIRING_MS);
  assert.deepEqual(warned(), [false, true, false]);
  clock.increment(EXPIRING_MS);
  assert.deepEqual(states(), ['idle', 'closed', 'idle']);
  assert.equal(waiting.size, 1);
  clock.increment(HOUR_MS);
  clock.increment(100);
  assert.deepEqual(states(), ['idle', 'closed', 'closed']);
  assert.equal(waiting.size, 1);
});

test('[R36] where nobody is left no timer waits', () => {
  const { clock, waiting, states } = startSessions(HOUR_MS);
  clock.increment(HOUR_MS);
  clock.increment(100);
  assert.deepEqual(states(), ['closed']);
  assert.equal(waiting.size, 0);
});

test('[P4] ends that lie close together are looked for ten times a second at most', () => {
  const ends = Array.from({ length: 1_000 }, (_, i) => EXPIRING_MS + HOUR_MS + i);
  const { clock, waiting, warned } = startSessions(...ends);
  let looks = 0;
  clock.increment(HOUR_MS - 1);
  for (let ms = 0; ms <= 1_100; ms += 1) {
    const before = new Set(waiting);
    clock.increment(1);
    if (![...waiting].every((timer) => before.has(timer))) looks += 1;
  }
  assert.ok(looks <= 12, `${looks} looks`);
  assert.ok(warned().every(Boolean));
});

test('[R36] a server that stops waits for no end', () => {
  const { signInEnds, waiting } = startSessions(HOUR_MS);
  signInEnds.stop();
  assert.equal(waiting.size, 0);
});

test('[R36] an end that is further away than a timer can be is waited for in steps', () => {
  const far = 60 * 24 * HOUR_MS;
  const asked: number[] = [];
  const clock = new SimulatedClock();
  const now = () => clock.now();
  const actor = createActor(sessionMachine, { input: { ports, now } }).start();
  const signInEnds = new SignInEnds({
    sessions: () => [{ actor }],
    now,
    clock: {
      setTimeout(then, ms) {
        asked.push(ms);
        return clock.setTimeout(then, ms);
      },
      clearTimeout: (timer) => clock.clearTimeout(timer),
    },
  });
  const identity = { user: 'ada', operator: false, signInId: 's', expiresAt: far };
  actor.send({ type: 'signIn.verified', identity });
  signInEnds.expect(far);
  clock.increment(far - 1);
  assert.equal(actor.getSnapshot().value, 'idle');
  clock.increment(100);
  assert.equal(actor.getSnapshot().value, 'closed');
  assert.ok(asked.every((ms) => ms < 2 ** 31));
});

test('[R36] where the clock leaps, as after a machine was suspended, an end is told within a second', () => {
  const clock = new SimulatedClock();
  let leapt = 0;
  const now = () => clock.now() + leapt;
  const actor = createActor(sessionMachine, { input: { ports, now } }).start();
  const signInEnds = new SignInEnds({ sessions: () => [{ actor }], now, clock });
  const identity = { user: 'ada', operator: false, signInId: 's', expiresAt: 3 * HOUR_MS };
  actor.send({ type: 'signIn.verified', identity });
  signInEnds.expect(identity.expiresAt);
  leapt = 4 * HOUR_MS;
  clock.increment(1_000);
  assert.equal(actor.getSnapshot().value, 'closed');
});
