import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { HOUR_MS, limitDay, limitHour } from '../support/limits.ts';

const make = () => openDatabase(':memory:', Date.now);

test('[R25] no window ever holds more than its maximum', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 * HOUR_MS }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 12 }),
      (gaps, perHour, perDay) => {
        const limits = make();
        const rules = [limitHour(perHour), limitDay(perDay)];
        const taken: number[] = [];
        let now = 1_000_000;
        for (const gap of gaps) {
          now += gap;
          if (limits.take('u', rules, now).ok) taken.push(now);
          for (const { windowMs, max } of rules) {
            const within = taken.filter((at) => at > now - windowMs).length;
            assert.ok(within <= max);
          }
        }
      },
    ),
    { seed: 25, numRuns: 200 },
  );
});

test('[R26] a refused try and a ticket that was given back cost nothing', () => {
  const limits = make();
  const rules = [limitHour(2), limitDay(1)];
  const first = limits.take('u', rules, 0);
  assert.ok(first.ok);
  for (let i = 0; i < 5; i++) assert.equal(limits.take('u', rules, 1).ok, false);
  assert.deepEqual(
    limits.uses('u', rules, 1).map(({ used }) => used),
    [1, 1],
  );
  limits.giveBack('u', first.ticket);
  limits.giveBack('u', first.ticket);
  assert.equal(limits.take('u', rules, 2).ok, true);
});

test('[R29] a try after retryAfterMs succeeds, and not a millisecond before', () => {
  // `take` names the first rule that is used up: with the day full as well, its hour’s wait is too short.
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: HOUR_MS }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      (gaps, perHour, perDay) => {
        const limits = make();
        const rules = [limitHour(perHour), limitDay(perDay)];
        let now = 1_000_000;
        for (const gap of gaps) {
          now += gap;
          const refused = limits.take('u', rules, now);
          if (refused.ok) continue;
          const { retryAfterMs } = refused;
          assert.ok(retryAfterMs !== null && refused.resetAt === now + retryAfterMs);
          assert.equal(limits.take('u', rules, now + retryAfterMs - 1).ok, false);
          now += retryAfterMs;
          assert.equal(limits.take('u', rules, now).ok, true);
        }
      },
    ),
    { seed: 29, numRuns: 200 },
  );
});

test('[R29] a limit of 0 never opens', () => {
  const refused = make().take('u', [limitHour(0)], 5);
  assert.deepEqual(refused, {
    ok: false,
    limit: 'hour',
    max: 0,
    retryAfterMs: null,
    resetAt: null,
  });
});
