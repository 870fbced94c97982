import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE_TTL_MS, OneTimeCodes } from '../../../src/transport/auth/one-time-codes.ts';

test('[R43] a code works once', () => {
  const codes = new OneTimeCodes(() => 0);
  const code = codes.issue();
  assert.match(code, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(codes.redeem(`${code}x`), false);
  assert.equal(codes.redeem(code), true);
  assert.equal(codes.redeem(code), false);
});

test('[R43] a code ends half an hour after it was made', () => {
  let now = 0;
  const codes = new OneTimeCodes(() => now);
  const [early, late] = [codes.issue(), codes.issue()];
  now = CODE_TTL_MS - 1;
  assert.equal(codes.redeem(early), true);
  now = CODE_TTL_MS;
  assert.equal(codes.redeem(late), false);
});

test('the oldest of too many codes is dropped', () => {
  const codes = new OneTimeCodes(() => 0);
  const all = Array.from({ length: 17 }, () => codes.issue());
  assert.equal(codes.redeem(all[0] ?? ''), false);
  assert.equal(codes.redeem(all[1] ?? ''), true);
});
