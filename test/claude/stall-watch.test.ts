import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from 'xstate';
import type { ClaudeMessage } from '../../src/claude/message.ts';
import { StallWatch } from '../../src/claude/stall-watch.ts';

const STALL_MS = 10_000;
const OUT: ClaudeMessage = { kind: 'request', isOut: true };
const OVER: ClaudeMessage = { kind: 'request', isOut: false };
const retry = (delayMs: number): ClaudeMessage => ({
  kind: 'retry',
  attempt: 1,
  maxRetries: 4,
  delayMs,
  status: 529,
});
const asks = (requestId: string): ClaudeMessage => ({
  kind: 'asks',
  requestId,
  request: {
    toolName: 'Bash',
    toolUseId: null,
    input: {},
    title: null,
    description: null,
    reason: null,
    suggestions: [],
  },
});

function stage() {
  const clock = new SimulatedClock();
  const timers = { set: 0, running: 0 };
  let stalls = 0;
  const watch = new StallWatch(STALL_MS, () => stalls++, {
    now: () => clock.now(),
    setTimeout: (fn, ms) => {
      timers.set += 1;
      timers.running += 1;
      return clock.setTimeout(() => {
        timers.running -= 1;
        fn();
      }, ms);
    },
    clearTimeout: (id) => {
      timers.running -= 1;
      clock.clearTimeout(id as number);
    },
  });
  const say = (...messages: ClaudeMessage[]) => {
    watch.heard();
    for (const message of messages) watch.note(message);
  };
  return {
    watch,
    say,
    timers,
    wait: (ms: number) => clock.increment(ms),
    get stalls() {
      return stalls;
    },
  };
}

test('[R62] silence while a request is out is a stall, told once', () => {
  const staged = stage();
  staged.say(OUT);
  staged.wait(STALL_MS - 1);
  assert.equal(staged.stalls, 0);
  staged.wait(1);
  assert.equal(staged.stalls, 1);
  staged.wait(100 * STALL_MS);
  assert.equal(staged.stalls, 1);
  assert.equal(staged.timers.running, 0);
});

test('[R62] the silence counts from the last line, in mid-answer too', () => {
  const staged = stage();
  staged.say(OUT);
  for (let i = 0; i < 5; i++) {
    staged.wait(STALL_MS - 1);
    staged.say({ kind: 'delta', index: 0, of: 'text', text: 'x' });
  }
  staged.wait(STALL_MS - 1);
  assert.equal(staged.stalls, 0);
  staged.wait(1);
  assert.equal(staged.stalls, 1);
});

test('no request is out, so no silence is a stall: before, after, in a tool, after the turn', () => {
  for (const before of [[], [OUT, OVER]]) {
    const staged = stage();
    staged.say(...before);
    staged.wait(100 * STALL_MS);
    assert.equal(staged.stalls, 0);
    assert.equal(staged.timers.running, 0);
  }
});

test('a retry is given its pause before its silence counts, and needs no other sign to be out', () => {
  const staged = stage();
  staged.say(OUT, OVER, retry(30_000));
  staged.wait(30_000 + STALL_MS - 1);
  assert.equal(staged.stalls, 0);
  staged.wait(1);
  assert.equal(staged.stalls, 1);
});

test('the pause of one retry is not given to the next request', () => {
  const staged = stage();
  staged.say(OUT, retry(30_000));
  staged.wait(30_000);
  staged.say(OUT);
  staged.wait(STALL_MS);
  assert.equal(staged.stalls, 1);
});

test('[R63] a question holds the watch as long as it is open, and the answer starts it anew', () => {
  const staged = stage();
  staged.say(OUT, asks('q1'), asks('q2'));
  staged.wait(100 * STALL_MS);
  staged.watch.answered('q1');
  staged.wait(100 * STALL_MS);
  assert.equal(staged.stalls, 0);
  staged.say({ kind: 'asksNoMore', requestId: 'q2' });
  staged.wait(STALL_MS - 1);
  assert.equal(staged.stalls, 0);
  staged.wait(1);
  assert.equal(staged.stalls, 1);
});

test('what we do not read is not silence', () => {
  const staged = stage();
  staged.say(OUT);
  staged.watch.pause();
  staged.wait(100 * STALL_MS);
  assert.equal(staged.stalls, 0);
  staged.watch.resume();
  staged.wait(STALL_MS - 1);
  assert.equal(staged.stalls, 0);
  staged.wait(1);
  assert.equal(staged.stalls, 1);
});

test('a thousand deltas cost no timer', () => {
  const staged = stage();
  staged.say(OUT);
  for (let i = 0; i < 1_000; i++) {
    staged.wait(1);
    staged.say({ kind: 'delta', index: 0, of: 'text', text: 'x' });
  }
  assert.equal(staged.timers.set, 1);
});

test('in any order: one timer at most, none once the turn is over, and a stall only after full silence', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constantFrom(OUT, OVER, retry(3_000), asks('q'), {
        kind: 'asksNoMore',
        requestId: 'q',
      } as ClaudeMessage),
      fc.constantFrom('answered' as const, 'pause' as const, 'resume' as const),
      fc.integer({ min: 1, max: 2 * STALL_MS }),
    ),
    { maxLength: 60 },
  );
  const property = fc.property(steps, (sequence) => {
    const staged = stage();
    let quietMs = 0;
    for (const step of sequence) {
      const before = staged.stalls;
      if (typeof step === 'number') {
        quietMs += step;
        staged.wait(step);
        if (staged.stalls > before) assert.ok(quietMs >= STALL_MS);
      } else {
        if (step === 'pause') staged.watch.pause();
        else if (step === 'resume') staged.watch.resume();
        else if (step === 'answered') staged.watch.answered('q');
        else staged.say(step);
        if (step !== 'pause') quietMs = 0;
        assert.equal(staged.stalls, before, 'only time makes a stall');
      }
      assert.ok(staged.timers.running <= 1);
    }
    staged.say({
      kind: 'result',
      isError: false,
      terminalReason: null,
      apiErrorStatus: null,
      error: null,
      usage: {
        inputTokens: 0,
        outputTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costUsd: 0,
        durationMs: null,
        turns: null,
      },
    });
    assert.equal(staged.timers.running, 0);
  });
  fc.assert(property, { seed: 20_265, numRuns: 500 });
});
