import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from 'xstate';
import type { FaultCode } from '../../src/faults.ts';
import { Parking } from '../../src/machines/parking.ts';
import type { Refused } from '../../src/store/limits.ts';
import { conversationKey } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { heldStore, settle } from '../support/held-store.ts';
import { allowing } from '../support/limits.ts';

const RUNS: Refused = { limit: 'runs', max: 1, remaining: 0, retryAfterMs: null, resetAt: null };
const KEY = conversationKey('u', 'thread');
const command = (runId: string) => ({ runId, digest: runId, text: runId });

function setUp() {
  const held = heldStore();
  const clock = new SimulatedClock();
  const prompts: string[] = [];
  let answer: () => FaultCode | null = () => null;
  const parking = new Parking({
    store: held.store,
    conversations: {
      open: async () => {},
      prompt: async (_, { runId }) => {
        prompts.push(runId);
        return answer();
      },
    },
    demand: (key, { runId }) => ({ key, runId, allowance: allowing({}), reserve: 0 }),
    now: Date.now,
    tell: () => {},
    log: createLog('silent'),
    actorOptions: { clock },
  });
  return {
    ...{ held, clock, prompts, parking },
    answers(next: () => FaultCode | null) {
      answer = next;
    },
  };
}

test('[R29] [LI4] of two that are parked at once in one conversation one is kept', async () => {
  const { held, parking } = setUp();
  const kept = await Promise.all([
    parking.park(KEY, command('a'), RUNS),
    parking.park(KEY, command('b'), RUNS),
  ]);
  assert.deepEqual(kept, [true, false]);
  assert.deepEqual(
    (await held.store.parked()).map(({ runId }) => runId),
    ['a'],
  );
});

test('[R29] no more are parked of a user than may be, however many come at once', async () => {
  const { held, parking } = setUp();
  const keys = Array.from({ length: 25 }, (_, i) => conversationKey('u', `thread-${i}`));
  await Promise.all(keys.map((key, i) => parking.park(key, command(`run-${i}`), RUNS)));
  assert.equal((await held.store.parked()).length, 20);
});

test('[R29] one that was accepted, and neither handed on nor parked again, is handed on later', async () => {
  const at = setUp();
  await at.parking.park(KEY, command('a'), RUNS);
  at.answers(() => {
    at.held.fail('park');
    return 'queue.full';
  });
  at.parking.ease('u');
  await settle();
  at.answers(() => null);
  at.clock.increment(30_000);
  await settle();
  assert.deepEqual(at.prompts, ['a', 'a']);
});

test('[R29] what one could not use is there for the others that wait', async () => {
  const at = setUp();
  const other = conversationKey('u', 'other');
  await at.parking.park(KEY, command('a'), RUNS);
  await at.parking.park(other, command('b'), RUNS);
  at.held.answer('take', { ok: true });
  at.held.answer('take', { ok: false, ...RUNS });
  let tries = 0;
  at.answers(() => (tries++ === 0 ? 'queue.full' : null));
  at.parking.ease('u');
  await settle();
  assert.deepEqual(at.prompts, ['a', 'b']);
});

test('[LI3] one that is taken back as the server goes is not sent by the next', async () => {
  const at = setUp();
  await at.parking.park(KEY, command('a'), RUNS);
  const take = at.held.hold('take');
  at.parking.ease('u');
  await take.waiting();
  const back = at.parking.takeBack('u', 'a');
  at.parking.stop();
  take.release();
  await settle();
  assert.equal(await back, true);
  assert.deepEqual([at.prompts, await at.held.store.parked()], [[], []]);
});

test('[R29] [LI4] what an earlier server parked has its place before anybody can come, and is not sent before it may', async () => {
  const { held, parking, prompts } = setUp();
  await held.store.park(KEY, command('old'));
  const begun = Promise.withResolvers<void>();
  await parking.resume(begun.promise);
  assert.equal(await parking.park(KEY, command('new'), RUNS), false);
  await settle();
  assert.deepEqual(prompts, []);
  begun.resolve();
  await settle();
  assert.deepEqual(prompts, ['old']);
});

test('[R29] [R21] of two that servers parked in one conversation, the second is sent after the first', async () => {
  const at = setUp();
  await at.parking.park(KEY, command('a'), RUNS);
  await at.held.store.park(KEY, command('b')); // another server did, and has gone
  await at.parking.resume();
  assert.equal(at.parking.in(KEY)?.command.runId, 'a');
  at.parking.ease('u');
  await settle();
  assert.deepEqual(at.prompts, ['a', 'b']);
});

test('[R29] [R21] one that was let go while it was being sent, and is parked again, is sent later', async () => {
  const at = setUp();
  await at.parking.park(KEY, command('a'), RUNS);
  at.answers(() => {
    at.parking.letGo();
    at.answers(() => null);
    return 'queue.full';
  });
  at.parking.ease('u');
  await settle();
  assert.deepEqual(at.prompts, ['a', 'a']);
});
