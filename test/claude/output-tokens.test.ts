import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaudeMessage } from '../../src/claude/message.ts';
import { OutputTokens } from '../../src/claude/output-tokens.ts';
import { parseLine } from '../../src/claude/stream-json.ts';
import { NO_TOKENS } from '../../src/tokens.ts';
import { RECORDINGS } from '../support/recordings.ts';

const begin: ClaudeMessage = { kind: 'messageStart', messageId: 'm' };
const told = (outputTokens: number): ClaudeMessage => ({
  kind: 'messageUsage',
  usage: { ...NO_TOKENS, outputTokens },
});
const totals = (output: OutputTokens, ...messages: ClaudeMessage[]) =>
  messages.map((message) => output.note(message)).filter((total) => total !== null);

test('a turn’s messages add up, and another turn begins at nothing', () => {
  const output = new OutputTokens();
  assert.deepEqual(totals(output, begin, told(40), begin, told(2), told(60)), [40, 42, 100]);
  output.reset();
  assert.deepEqual(totals(output, begin, told(7)), [7]);
});

test('what is told again is no news, and what was never told is not made up', () => {
  const output = new OutputTokens();
  assert.deepEqual(totals(output, begin, told(5), told(5), told(3)), [5]);
  assert.deepEqual(totals(output, begin, begin, told(0)), []);
});

for (const { name, out } of RECORDINGS)
  test(`what is told while a turn streams grows, up to what its end tells at most: ${name}`, () => {
    const output = new OutputTokens();
    let last = 0;
    for (const line of out) {
      const message = parseLine(line);
      const total = output.note(message);
      if (total !== null) {
        assert.ok(total > last);
        last = total;
      }
      if (message.kind !== 'result') continue;
      const { outputTokens } = message.usage;
      // Of a turn that was interrupted the end tells nothing.
      if (outputTokens > 0 && !UNLIKE.includes(name.slice(0, 2))) assert.ok(last <= outputTokens);
      output.reset();
      last = 0;
    }
  });

/** Recordings whose end leaves a message out: one that an error broke off. */
const UNLIKE: readonly string[] = ['69'];
