/** The short way for text deltas agrees with JSON.parse, whatever the text and however the line is bent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLine } from '../../src/claude/stream-json.ts';

const line = (index: number, text: string) =>
  JSON.stringify({
    type: 'stream_event',
    event: { type: 'content_block_delta', index, delta: { type: 'text_delta', text } },
    session_id: 'ccd43136-db0f-4811-b1e7-42cf013a0510',
    parent_tool_use_id: null,
    uuid: '476da2bb-350f-4f94-a696-d6ba15e2c000',
    api_message_id: 'msg_7cdadfb158dc577fe5bf18a9',
  });

test('any text arrives as it was written: escapes, quotes, line ends, characters of many bytes', () => {
  const property = fc.property(fc.nat(99), fc.string({ unit: 'binary' }), (index, text) => {
    const expected = { kind: 'delta', index, of: 'text', text };
    assert.deepEqual(parseLine(line(index, text)), expected);
  });
  fc.assert(property, { numRuns: 2_000, seed: 1 });
});

test('a line that was bent is read as JSON.parse reads it, or not at all', () => {
  const whole = line(3, 'plain words');
  const at = fc.nat(whole.length);
  const property = fc.property(at, fc.nat(4), fc.string({ maxLength: 4 }), (from, cut, added) => {
    const bent = whole.slice(0, from) + added + whole.slice(from + cut);
    const read = parseLine(bent);
    let parsed: unknown;
    try {
      parsed = JSON.parse(bent);
    } catch {
      assert.deepEqual(read, { kind: 'unrecognised', what: 'not JSON' });
      return;
    }
    // The same message with one more field never takes the short way.
    const slowly = parseLine(JSON.stringify({ extra: 1, ...(parsed as object) }));
    assert.deepEqual(read, slowly);
  });
  fc.assert(property, { numRuns: 5_000, seed: 2 });
});
