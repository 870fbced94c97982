import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createActor, SimulatedClock } from 'xstate';
import { parkedMachine, type Tried } from '../../src/machines/parked.machine.ts';
import type { Refused } from '../../src/store/limits.ts';

const HOUR: Refused = { limit: 'hour', max: 5, remaining: 0, retryAfterMs: 1_000, resetAt: 1_000 };
const DAY: Refused = { limit: 'day', max: 9, remaining: 0, retryAfterMs: 8_000, resetAt: 9_000 };
const RUNS: Refused = { limit: 'runs', max: 2, remaining: 0, retryAfterMs: null, resetAt: null };
const refused = (refusal: Refused): Tried => ({ how: 'refused', refusal });

/** A parked prompt whose tries are answered by hand. */
function park(refusal: Refused | null = HOUR) {
  const clock = new SimulatedClock();
  const told: Refused[] = [];
  const tries: PromiseWithResolvers<Tried>[] = [];
  const backs: PromiseWithResolvers<void>[] = [];
  const open = <T>(list: PromiseWithResolvers<T>[]) => {
    const call = Promise.withResolvers<T>();
    list.push(call);
    return call.promise;
  };
  const actor = createActor(parkedMachine, {
    clock,
    input: {
      refusal,
      ports: {
        send: () => open(tries),
        takeBack: () => open(backs),
        tell: (why) => told.push(why),
      },
    },
  }).start();
  const settled = async () => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return {
    actor,
    clock,
    told,
    tries,
    backs,
    get state() {
      return actor.getSnapshot().value;
    },
    async answer(tried: Tried | Error) {
      const call = tries.at(-1);
      if (tried instanceof Error) call?.reject(tried);
      else call?.resolve(tried);
      await settled();
    },
    async takenBack() {
      backs.at(-1)?.resolve();
      await settled();
    },
  };
}

test('[R29] it asks when its window opens, and not before, and is sent once', async () => {
  const parked = park();
  parked.clock.increment(1_000);
  assert.equal(parked.tries.length, 0);
  parked.clock.increment(1);
  assert.equal(parked.state, 'asking');
  await parked.answer({ how: 'sent' });
  assert.equal(parked.state, 'sent');
  assert.deepEqual(parked.actor.getSnapshot().output, { sent: true });
  parked.clock.increment(100_000);
  parked.actor.send({ type: 'limits.eased' });
  assert.equal(parked.tries.length, 1);
});

test('[R29] refused again it waits for the window of the limit that refused it', async () => {
  const parked = park();
  parked.clock.increment(1_001);
  await parked.answer(refused(DAY));
  assert.deepEqual([parked.state, parked.told], ['waiting', [DAY]]);
  parked.clock.increment(8_000);
  assert.equal(parked.tries.length, 1);
  parked.clock.increment(1);
  assert.equal(parked.tries.length, 2);
});

test('[R29] where nobody knows when it opens it asks as limits ease', async () => {
  const parked = park(RUNS);
  parked.clock.increment(1_000_000);
  assert.equal(parked.tries.length, 0);
  parked.actor.send({ type: 'limits.eased' });
  assert.equal(parked.tries.length, 1);
  // What eases while it asks may be what it needs.
  parked.actor.send({ type: 'limits.eased' });
  await parked.answer(refused(RUNS));
  assert.equal(parked.tries.length, 2);
  await parked.answer(refused(RUNS));
  assert.deepEqual([parked.state, parked.tries.length], ['waiting', 2]);
});

test('[R29] parked by an earlier server it asks at once', () => {
  assert.equal(park(null).state, 'asking');
});

test('taken back while it waits it is never sent', async () => {
  const parked = park();
  parked.actor.send({ type: 'user.tookBack' });
  assert.equal(parked.state, 'takingBack');
  parked.clock.increment(2_000);
  await parked.takenBack();
  assert.deepEqual(parked.actor.getSnapshot().output, { sent: false });
  assert.deepEqual([parked.state, parked.tries.length], ['takenBack', 0]);
});

test('taken back while it asks it goes back if it was refused, and is too late if it was sent', async () => {
  const refusedOne = park();
  refusedOne.clock.increment(1_001);
  refusedOne.actor.send({ type: 'user.tookBack' });
  await refusedOne.answer(refused(DAY));
  assert.equal(refusedOne.state, 'takingBack');

  const sentOne = park();
  sentOne.clock.increment(1_001);
  sentOne.actor.send({ type: 'user.tookBack' });
  await sentOne.answer({ how: 'sent' });
  assert.deepEqual(sentOne.actor.getSnapshot().output, { sent: true });
  assert.equal(sentOne.backs.length, 0);
});

test('what could not be handed on, or asked about, is tried again a while later', async () => {
  for (const trouble of [{ how: 'hindered' } as const, new Error('the store is down')]) {
    const parked = park();
    parked.clock.increment(1_001);
    await parked.answer(trouble);
    assert.equal(parked.state, 'troubled');
    parked.clock.increment(29_999);
    assert.equal(parked.tries.length, 1);
    parked.clock.increment(1);
    assert.equal(parked.tries.length, 2);
  }
});

test('taken back in trouble it is given up; a store that fails then is asked again', async () => {
  const parked = park();
  parked.clock.increment(1_001);
  await parked.answer({ how: 'hindered' });
  parked.actor.send({ type: 'user.tookBack' });
  parked.backs[0]?.reject(new Error('the store is down'));
  for (let i = 0; i < 5; i++) await Promise.resolve();
  assert.equal(parked.state, 'troubled');
  parked.actor.send({ type: 'user.tookBack' });
  await parked.takenBack();
  assert.equal(parked.state, 'takenBack');
});

test('[R29] what went with its conversation is not sent', async () => {
  const parked = park();
  parked.clock.increment(1_001);
  await parked.answer({ how: 'gone' });
  assert.deepEqual(parked.actor.getSnapshot().output, { sent: false });
});

test('[R29] in any order of events it is sent at most once, and never after it was taken back', async () => {
  const Step = fc.oneof(
    fc.constantFrom('ease', 'takeBack', 'backDone', 'sent', 'hindered', 'fail'),
    fc.constantFrom(1, 1_001, 8_001, 30_000),
    fc.constantFrom(HOUR, DAY, RUNS),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { maxLength: 30 }), async (steps) => {
      const parked = park();
      for (const step of steps) {
        const before = parked.tries.length;
        const wasOver = parked.actor.getSnapshot().status === 'done';
        if (typeof step === 'number') parked.clock.increment(step);
        else if (step === 'ease') parked.actor.send({ type: 'limits.eased' });
        else if (step === 'takeBack') parked.actor.send({ type: 'user.tookBack' });
        else if (step === 'backDone') await parked.takenBack();
        else if (step === 'sent' || step === 'hindered') await parked.answer({ how: step });
        else if (step === 'fail') await parked.answer(new Error('the store is down'));
        else await parked.answer(refused(step));
        if (wasOver) assert.equal(parked.tries.length, before);
        assert.ok(parked.tries.length <= before + 1);
        if (parked.state === 'takenBack')
          assert.equal(parked.actor.getSnapshot().output?.sent, false);
      }
      parked.actor.stop();
    }),
    { seed: 29, numRuns: 300 },
  );
});

test('taken back it is never sent, also where the store fails then; and the store has a pause', async () => {
  const rejected = async (parked: ReturnType<typeof park>) => {
    parked.backs.at(-1)?.reject(new Error('the store is down'));
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  const waiting = park();
  waiting.actor.send({ type: 'user.tookBack' });
  await rejected(waiting);
  waiting.actor.send({ type: 'limits.eased' });
  waiting.clock.increment(30_000);
  assert.deepEqual([waiting.tries.length, waiting.state], [0, 'takingBack']);

  const asking = park();
  asking.clock.increment(1_001);
  asking.actor.send({ type: 'user.tookBack' });
  await asking.answer({ how: 'hindered' });
  assert.deepEqual([asking.state, asking.backs.length], ['takingBack', 1]);
  await rejected(asking);
  assert.deepEqual([asking.state, asking.backs.length], ['troubled', 1]);
});
