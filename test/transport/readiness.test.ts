import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readiness } from '../../src/transport/readiness.ts';

test('[DR1] what a client is told counts down from when the drain began', () => {
  let now = 1_000;
  const readiness = new Readiness(() => now);
  assert.equal(readiness.frame(), null);
  readiness.drain({ reconnectAfterMs: 3_250, deadlineMs: 23_000 });
  now += 3_000;
  const told = { type: 'draining', reconnectAfterMs: 250, deadlineMs: 20_000 };
  assert.deepEqual(readiness.frame(), told);
  now += 30_000;
  assert.deepEqual(readiness.frame(), { type: 'draining', reconnectAfterMs: 0, deadlineMs: 0 });
});

test('[DR2] somebody decides by readiness who asked in the last minute', () => {
  let now = 0;
  const readiness = new Readiness(() => now);
  assert.equal(readiness.isAsked, false);
  assert.equal(readiness.askDraining(), false);
  now = 59_999;
  assert.equal(readiness.isAsked, true);
  now = 60_000;
  assert.equal(readiness.isAsked, false);
});
