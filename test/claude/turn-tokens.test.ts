import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnUsage } from '../../src/claude/message.ts';
import { parseLine } from '../../src/claude/stream-json.ts';
import { TurnTokens } from '../../src/claude/turn-tokens.ts';
import type { TokenCounts } from '../../src/tokens.ts';
import { RECORDINGS } from '../support/recordings.ts';

/** Where what is counted is not what the CLI tells at the end, which is what is charged then. */
const UNLIKE = [
  '69', // it forgets the message that an API error broke off
  'C1', // a compaction is not streamed
  'S8', // it forgets the message of a subagent that was stopped
];
/** As we run the CLI: with its messages' parts. */
const STREAMED = RECORDINGS.filter(
  ({ name, out }) =>
    !UNLIKE.includes(name.slice(0, 2)) && out.some((line) => line.includes('"stream_event"')),
);

function turns(out: readonly string[]): { counted: TokenCounts; told: TurnUsage }[] {
  const tokens = new TurnTokens();
  return out.flatMap((line) => {
    const message = parseLine(line);
    tokens.note(message);
    if (message.kind !== 'result') return [];
    const counted = tokens.counts;
    tokens.reset();
    return [{ counted, told: message.usage }];
  });
}

for (const { name, out } of STREAMED)
  test(`[R28] what is counted while a turn streams is what its end tells: ${name}`, () => {
    for (const { counted, told } of turns(out)) {
      const input = ({ inputTokens, cacheReadTokens, cacheWriteTokens }: TokenCounts) => [
        ...[inputTokens, cacheReadTokens, cacheWriteTokens],
      ];
      assert.deepEqual(input(counted), input(told));
      // Of messages that were broken off, and of subagents, the output is estimated.
      if (told.outputTokens === 0) continue;
      assert.ok(counted.outputTokens <= told.outputTokens);
      assert.ok(counted.outputTokens >= told.outputTokens / 2, `${counted.outputTokens}`);
    }
  });
