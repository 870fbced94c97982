/** How long was thought, as it is kept with the messages of the past. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldRows } from '../../src/store/fold.ts';
import type { Row } from '../../src/store/store.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';

function durations(...events: AguiEvent[]): unknown[] {
  const rows = events.map(
    (event, index) =>
      ({ seq: index + 1, runId: 'r', chunk: JSON.stringify(event) }) as Row & object,
  );
  return foldRows(rows, () => 5)
    .filter(({ message }) => message.role === 'reasoning')
    .map(({ message }) => message.metadata?.durationMs);
}

const thinks = (messageId: string, timestamp?: number): AguiEvent => ({
  type: 'REASONING_MESSAGE_START',
  messageId,
  role: 'reasoning',
  ...(timestamp !== undefined && { timestamp }),
});
const thought = (messageId: string, timestamp?: number): AguiEvent => ({
  type: 'REASONING_MESSAGE_END',
  messageId,
  ...(timestamp !== undefined && { timestamp }),
});

test('[FR10] a thought keeps its length, where both its ends say when they were', () => {
  assert.deepEqual(durations(thinks('a', 1_000), thought('a', 13_400)), [12_400]);
  assert.deepEqual(durations(thinks('a'), thought('a')), [undefined]);
  assert.deepEqual(durations(thinks('a', 1_000), thought('a')), [undefined]);
  assert.deepEqual(durations(thinks('a', 1_000)), [undefined], 'it was cut off');
});

test('[FR10] thoughts of one turn have each its own length, and a clock set back makes none negative', () => {
  const events = [thinks('a', 1_000), thought('a', 2_000), thinks('b', 9_000), thought('b', 8_000)];
  assert.deepEqual(durations(...events), [1_000, 0]);
});
