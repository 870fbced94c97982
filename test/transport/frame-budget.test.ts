import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameBudget } from '../../src/transport/frame-budget.ts';

const rule = fc.record({
  maxFramesPerSecond: fc.integer({ min: 1, max: 2_000 }),
  maxFramesBurst: fc.integer({ min: 1, max: 200 }),
});
/** Pauses, in ms, each followed by as many frames. */
const traffic = fc.array(
  fc.record({ pause: fc.nat(5_000), frames: fc.nat(300) }),
  { minLength: 1, maxLength: 40 }, // biome-ignore format: one traffic
);

test('[R31] [FR9] in any stretch of time no more than burst + rate · time are within', () => {
  fc.assert(
    fc.property(rule, traffic, (limits, steps) => {
      let now = 1_000_000;
      const budget = new FrameBudget(limits, () => now);
      const within: number[] = [];
      for (const { pause, frames } of steps) {
        now += pause;
        for (let i = 0; i < frames; i++) if (budget.take() === 'within') within.push(now);
      }
      // From each to each later one; a frame that is only partly refilled is none.
      const { maxFramesPerSecond: rate, maxFramesBurst: burst } = limits;
      for (const [i, from] of within.entries())
        for (let j = i; j < within.length; j += 1 + (j >> 3)) {
          const allowed = burst + (((within[j] ?? 0) - from) * rate) / 1_000;
          assert.ok(j - i + 1 <= allowed, `${j - i + 1} in ${(within[j] ?? 0) - from} ms`);
        }
    }),
    { seed: 31, numRuns: 200 },
  );
});

test('[R31] [FR9] whoever keeps to the rate is never refused, after a whole burst neither', () => {
  fc.assert(
    fc.property(rule, fc.nat(3_000), (limits, count) => {
      let now = 0;
      const budget = new FrameBudget(limits, () => now);
      for (let i = 0; i < limits.maxFramesBurst; i++) assert.equal(budget.take(), 'within');
      for (let i = 1; i <= count; i++) {
        now += Math.ceil(1_000 / limits.maxFramesPerSecond);
        assert.equal(budget.take(), 'within', `frame ${i}`);
      }
    }),
    { seed: 32, numRuns: 100 },
  );
});

test('[R29] [FR9] after the wait that is named a frame is within, and not a millisecond before', () => {
  fc.assert(
    fc.property(rule, fc.nat(50), (limits, some) => {
      let now = 7;
      const budget = new FrameBudget(limits, () => now);
      budget.take();
      now += some;
      while (budget.take() === 'within');
      const refusal = budget.announce();
      const wait = refusal?.retryAfterMs ?? 0;
      assert.equal(refusal?.resetAt, now + wait);
      now += wait - 1;
      if (wait > 1) assert.notEqual(budget.take(), 'within');
      now += 1;
      assert.equal(budget.take(), 'within');
    }),
    { seed: 33, numRuns: 100 },
  );
});

test('[R51] [FR9] a burst of refusals without a pause is a flood; a pause that fills the bucket forgets them', () => {
  let now = 0;
  const budget = new FrameBudget({ maxFramesPerSecond: 10, maxFramesBurst: 5 }, () => now);
  const take = (count: number) => Array.from({ length: count }, () => budget.take());
  assert.deepEqual(new Set(take(5)), new Set(['within']));
  assert.deepEqual(new Set(take(5)), new Set(['over']));
  assert.notEqual(budget.announce(), null);
  assert.equal(budget.announce(), null);
  now += 500;
  assert.deepEqual(new Set(take(5)), new Set(['within']));
  assert.deepEqual(new Set(take(5)), new Set(['over']));
  assert.notEqual(budget.announce(), null);
  now += 499; // almost full
  assert.deepEqual(take(5), ['within', 'within', 'within', 'within', 'flood']);
  assert.equal(budget.announce(), null);
});

test('[R31] unlimited refuses nothing, 0 all, and a clock that is set back gives nothing', () => {
  const all = new FrameBudget({ maxFramesPerSecond: null, maxFramesBurst: 1 }, () => 0);
  for (let i = 0; i < 10_000; i++) assert.equal(all.take(), 'within');
  const none = new FrameBudget({ maxFramesPerSecond: 0, maxFramesBurst: 9 }, () => 0);
  assert.equal(none.take(), 'flood');
  assert.equal(none.announce()?.retryAfterMs, null);
  let now = 10_000;
  const back = new FrameBudget({ maxFramesPerSecond: 1, maxFramesBurst: 1 }, () => now);
  assert.equal(back.take(), 'within');
  now = 0;
  assert.equal(back.take(), 'over');
  now = 1_000;
  assert.equal(back.take(), 'within');
});
