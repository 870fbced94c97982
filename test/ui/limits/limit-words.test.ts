import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitView, LimitViews } from '../../../src/transport/protocol.ts';
import {
  detailWords,
  leftWords,
  levelOf,
  queueWords,
  receiptWords,
  refusedWords,
  shortWords,
  tightest,
  whenSentWords,
} from '../../../src/ui/limits/limit-words.ts';
import { atWords, clockWords, spanWords } from '../../../src/ui/limits/time-words.ts';
import { english } from '../../../src/ui/words/english.ts';

const MINUTE = 60_000;
const NOW = new Date(2026, 10, 25, 18, 48).getTime();
const MIDNIGHT = new Date(2026, 10, 26).getTime();
const lifted: LimitView = { used: 3, max: null, resetAt: null };
const of = (used: number, max: number | null, resetAt: number | null = null): LimitView => ({
  used,
  max,
  resetAt,
});
const limits = (some: Partial<LimitViews>): LimitViews => ({
  hour: lifted,
  day: lifted,
  tokens: lifted,
  runs: lifted,
  ...some,
});
const clock = (at: number) =>
  new Date(at)
    .toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' })
    .replaceAll(' ', '\u00a0');

test('the limit that is shown is the one with the largest share used', () => {
  assert.equal(tightest(limits({})), null);
  assert.equal(tightest(limits({ hour: of(1, 60), day: of(40, 200) })), 'day');
  assert.equal(tightest(limits({ hour: of(10, 60), tokens: of(900, 1000) })), 'tokens');
  assert.equal(tightest(limits({ hour: of(0, 60), day: of(0, 200) })), 'hour', 'the nearer one');
  assert.equal(tightest(limits({ hour: of(59, 60), day: of(0, 0) })), 'day', 'nothing is allowed');
});

test('answers that run are no warning: they are shown only where nothing else is limited', () => {
  assert.equal(tightest(limits({ day: of(1, 200), runs: of(2, 2) })), 'day');
  assert.equal(tightest(limits({ runs: of(0, 2) })), 'runs');
});

test('the meter says nothing until 80 % are used', () => {
  const level = (used: number, max: number | null) => levelOf(of(used, max));
  assert.deepEqual([level(47, 60), level(48, 60), level(59, 60)], ['low', 'near', 'near']);
  assert.deepEqual([level(60, 60), level(61, 60), level(0, 0)], ['full', 'full', 'full']);
  assert.equal(level(5_000, null), 'low');
});

test('a limit in words: used, left, and when there is more', () => {
  assert.equal(shortWords('hour', of(37, 60)), '37 of 60 this hour');
  assert.equal(shortWords('day', of(5, 0)), 'Switched off');
  assert.equal(shortWords('tokens', of(820_000, 1_000_000)), '820k of 1.0M tokens today');
  assert.deepEqual([of(37, 60), of(61, 60), lifted, of(0, 0)].map(leftWords), [
    '23 left',
    '0 left',
    'no limit',
    'switched off',
  ]);
  const resetAt = NOW + 42 * MINUTE;
  assert.equal(
    detailWords('hour', of(37, 60, resetAt), NOW),
    `37 of 60 used, more from ${clock(resetAt)} (in\u00a042\u00a0min)`,
  );
  assert.equal(detailWords('hour', of(0, 60, resetAt), NOW), '0 of 60 used');
  assert.equal(detailWords('day', lifted, NOW), '3 used');
  assert.equal(detailWords('runs', of(1, 2), NOW), '1 of 2 running, free again when one ends');
});

test('a clock time names the day where it is not this one', () => {
  assert.equal(clockWords(NOW + MINUTE, NOW), clock(NOW + MINUTE));
  assert.equal(clockWords(MIDNIGHT, NOW), clock(MIDNIGHT));
  assert.equal(clockWords(MIDNIGHT + MINUTE, NOW), `tomorrow at ${clock(MIDNIGHT + MINUTE)}`);
  assert.match(clockWords(NOW + 3 * 24 * 60 * MINUTE, NOW), /28.* at /);
  assert.equal(atWords(NOW + MINUTE, NOW), `at ${clock(NOW + MINUTE)}`);
  assert.equal(atWords(MIDNIGHT + MINUTE, NOW), `tomorrow at ${clock(MIDNIGHT + MINUTE)}`);
  assert.match(atWords(NOW + 3 * 24 * 60 * MINUTE, NOW), /^on .*28.* at /);
});

test('a span is never promised too early', () => {
  assert.deepEqual(
    [0, 59_999, MINUTE, MINUTE + 1, 59.5 * MINUTE, 312 * MINUTE].map((ms) =>
      spanWords(ms).replaceAll('\u00a0', ' '),
    ),
    ['less than a minute', 'less than a minute', '1 min', '2 min', '1 h', '5 h 12 min'],
  );
});

test('a receipt says what the answer used, the day, and when there is more', () => {
  const receipt = {
    limit: 'tokens',
    used: 1_000_000,
    max: 1_000_000,
    runTokens: 12_400,
    resetAt: MIDNIGHT,
  } as const;
  assert.equal(
    receiptWords(receipt, NOW),
    `This answer used ${(12_400).toLocaleString()} tokens; ${(1e6).toLocaleString()} of ${(1e6).toLocaleString()} today; more from ${clock(MIDNIGHT)} (in\u00a05\u00a0h\u00a012\u00a0min).`,
  );
  assert.match(receiptWords(receipt, MIDNIGHT), /; more from now on\.$/);
});

test('a message that waits says for what', () => {
  assert.equal(whenSentWords('hour', NOW, NOW - 1), `at ${clock(NOW)}`);
  assert.match(whenSentWords('runs', null, NOW), /as soon as one of your answers ends/);
  assert.equal(refusedWords(null, 0, NOW), english.limits.switchedOff);
  assert.equal(refusedWords(NOW, 60, NOW - 1), `Please send again at ${clock(NOW)}.`);
});

test('a place in the queue is counted as people do', () => {
  assert.equal(queueWords('turn', 2), 'Queued, number 2');
  assert.equal(queueWords(undefined), 'Queued');
  const places = [1, 2, 3, 4, 11, 12, 13, 21, 112].map((n) => queueWords('room', n).split(' ')[0]);
  assert.deepEqual(places, ['Next', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']);
});
