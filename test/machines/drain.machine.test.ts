import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActor, SimulatedClock } from 'xstate';
import { drainMachine } from '../../src/machines/drain.machine.ts';

/** A drain whose turns and whose stop end when the test says so. */
function startDrain({ leadMs = 3_000, turnMs = 20_000 } = {}) {
  const clock = new SimulatedClock();
  const did: string[] = [];
  const turns = Promise.withResolvers<void>();
  const stop = Promise.withResolvers<number>();
  const drain = createActor(drainMachine, {
    clock,
    input: {
      leadMs,
      turnMs,
      ports: {
        announce: (times) => did.push(`announce ${times.reconnectAfterMs} ${times.deadlineMs}`),
        refuse: () => did.push('refuse'),
        finishTurns: () => {
          did.push('finishTurns');
          return turns.promise;
        },
        stop: () => {
          did.push('stop');
          return stop.promise;
        },
      },
    },
  });
  drain.start();
  assert.deepEqual(did, []);
  drain.send({ type: 'server.stop' });
  /** All promises that are settled have been heard. */
  const heard = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, did, drain, turns, stop, heard, state: () => drain.getSnapshot().value };
}

test('[DR1] the lead comes first: who asks and who is connected hears of it, and all goes on', () => {
  const { clock, did, state } = startDrain();
  assert.deepEqual(did, ['announce 3250 23000']);
  clock.increment(2_999);
  assert.equal(state(), 'announcing');
  assert.deepEqual(did.slice(1), []);
});

test('[DR3] [DR4] after the lead nothing new is let in, and turns at work may end', () => {
  const { clock, did, state } = startDrain();
  clock.increment(3_000);
  assert.equal(state(), 'finishing');
  assert.deepEqual(did.slice(1), ['refuse', 'finishTurns']);
});

test('without a lead nothing waits', () => {
  const { did, state } = startDrain({ leadMs: 0 });
  assert.equal(state(), 'finishing');
  assert.deepEqual(did, ['announce 250 20000', 'refuse', 'finishTurns']);
});

test('when the last turn has ended it stops at once', async () => {
  const { clock, did, state, turns, heard } = startDrain();
  clock.increment(3_000);
  turns.resolve();
  await heard();
  assert.equal(state(), 'stopping');
  assert.equal(did.at(-1), 'stop');
});

test('[DR5] turns that are still at work at the limit are cut off, and counted', async () => {
  const { clock, did, state, drain, stop, turns, heard } = startDrain();
  clock.increment(3_000);
  clock.increment(19_999);
  assert.equal(state(), 'finishing');
  clock.increment(1);
  assert.equal(state(), 'stopping');
  turns.resolve();
  stop.resolve(2);
  await heard();
  assert.equal(state(), 'stopped');
  assert.equal(drain.getSnapshot().output, 2);
  assert.equal(did.filter((what) => what === 'stop').length, 1);
});

test('turns that cannot be waited for are cut off', async () => {
  const { clock, state, turns, heard } = startDrain();
  clock.increment(3_000);
  turns.reject(new Error('store'));
  await heard();
  assert.equal(state(), 'stopping');
});
