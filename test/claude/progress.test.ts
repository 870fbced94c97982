import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaudeMessage } from '../../src/claude/message.ts';
import { Progress } from '../../src/claude/progress.ts';

const delta: ClaudeMessage = { kind: 'delta', index: 0, of: 'text', text: 'word' };
const usage = { inputTokens: 9, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** When it is due, in ms, of `forMs` in which `says` is heard every `everyMs`. */
function dues(everyMs: number, forMs: number, says: ClaudeMessage): number[] {
  let now = 0;
  const progress = new Progress(() => now);
  const told: number[] = [];
  for (; now <= forMs; now += everyMs) {
    progress.note(says);
    if (progress.isDue()) told.push(now);
  }
  return told;
}

test('[P7] of a slow stream progress is told every half a minute', () => {
  assert.deepEqual(dues(2_000, 70_000, delta), [0, 30_000, 60_000]);
});

test('[R28] of others with every 16 tokens, and once a second at most', () => {
  assert.deepEqual(dues(100, 4_000, delta), [0, 1_600, 3_200]);
  assert.deepEqual(dues(20, 3_000, delta), [0, 1_000, 2_000, 3_000]);
});

test('[R28] usage that the API tells is told within a second', () => {
  const says: ClaudeMessage = { kind: 'messageUsage', usage };
  assert.deepEqual(dues(250, 2_000, says), [0, 1_000, 2_000]);
});
