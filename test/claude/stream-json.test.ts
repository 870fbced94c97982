import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClaudeMessage } from '../../src/claude/message.ts';
import { parseLine } from '../../src/claude/stream-json.ts';
import { RECORDINGS, recording } from '../support/recordings.ts';

fc.configureGlobal({ seed: 20_265, numRuns: 1_000 });

const KINDS: readonly ClaudeMessage['kind'][] = [
  'init',
  'messageStart',
  'blockStart',
  'delta',
  'blockStop',
  'assistant',
  'toolResults',
  'retry',
  'subagentStarted',
  'subagentEnded',
  'compacting',
  'notice',
  'result',
  'asks',
  'asksNoMore',
  'asksUnknown',
  'reply',
  'ignored',
  'unrecognised',
];
const parse = (value: unknown) => parseLine(JSON.stringify(value));
const said = <K extends ClaudeMessage['kind']>(prefix: string, kind: K) =>
  recording(prefix)
    .out.map(parseLine)
    .filter((message): message is Extract<ClaudeMessage, { kind: K }> => message.kind === kind);

test('every line of every recording is recognised', () => {
  for (const { name, out } of RECORDINGS) {
    for (const line of out) {
      const message = parseLine(line);
      assert.notEqual(message.kind, 'unrecognised', `${name}: ${line.slice(0, 200)}`);
    }
  }
});

test('the recordings hold every kind of message there is but the unknown ones', () => {
  const seen = new Set(RECORDINGS.flatMap(({ out }) => out.map((line) => parseLine(line).kind)));
  assert.deepEqual(
    KINDS.filter((kind) => !seen.has(kind)),
    ['asksUnknown', 'unrecognised'],
  );
});

test('no string throws', () => {
  const property = fc.property(fc.string({ unit: 'binary' }), (line) => {
    assert.ok(KINDS.includes(parseLine(line).kind));
  });
  fc.assert(property);
});

test('no JSON throws', () => {
  const property = fc.property(fc.jsonValue(), (value) => {
    assert.ok(KINDS.includes(parse(value).kind));
  });
  fc.assert(property);
});

/** Lines of the CLI's own types whose every field may be of any type. */
const TYPES = [
  'stream_event',
  'assistant',
  'user',
  'system',
  'result',
  'control_request',
  'control_cancel_request',
  'control_response',
];
const FIELDS = [
  'subtype',
  'event',
  'message',
  'content',
  'request',
  'response',
  'request_id',
  'errors',
  'result',
  'index',
  'delta',
  'content_block',
  'model_usage_since_last_result',
  'parent_tool_use_id',
  'tools',
];
const names = [
  'init',
  'api_retry',
  'compact_boundary',
  'can_use_tool',
  'content_block_start',
  'content_block_delta',
  'text_delta',
  'tool_use',
  'tool_result',
  'text',
];

test('no known kind with fields of any type throws', () => {
  const tree = fc.letrec<{ value: unknown; node: unknown }>((tie) => ({
    value: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...names), tie('node')),
    node: fc.oneof(
      fc.dictionary(fc.constantFrom('type', ...FIELDS), tie('value'), { maxKeys: 5 }),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  })).node;
  const line = fc
    .tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...FIELDS), tree))
    .map(([type, fields]) => ({ ...fields, type }));
  const property = fc.property(line, (value) => {
    assert.ok(KINDS.includes(parse(value).kind));
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('a kind that a later CLI invents is unrecognised, and named in short', () => {
  assert.deepEqual(parse({ type: 'telepathy', thoughts: [] }), {
    kind: 'unrecognised',
    what: 'telepathy',
  });
  const long = parse({ type: 'x'.repeat(10_000) });
  assert.ok(long.kind === 'unrecognised' && long.what.length <= 64);
});

test('a request of the CLI that is no question can be answered, and is named in short', () => {
  const request = { subtype: 'y'.repeat(999) };
  const message = parse({ type: 'control_request', request_id: 'r1', request });
  assert.ok(message.kind === 'asksUnknown' && message.requestId === 'r1');
  assert.ok(message.what.length <= 100);
});

test('a line that is no JSON is unrecognised, and its words are not repeated', () => {
  assert.deepEqual(parseLine('canary {'), { kind: 'unrecognised', what: 'not JSON' });
});

test('a notice that a later CLI invents is unrecognised, and named in short', () => {
  const what = 'system telepathy';
  assert.deepEqual(parse({ type: 'system', subtype: 'telepathy' }), { kind: 'unrecognised', what });
  const long = parse({ type: 'system', subtype: 'x'.repeat(10_000) });
  assert.ok(long.kind === 'unrecognised' && long.what.length <= 100);
});

test('stream events and deltas that a later CLI invents are ignored', () => {
  for (const value of [
    { type: 'stream_event', event: { type: 'content_block_start', index: 1e9 } },
    { type: 'stream_event', event: { type: 'content_block_start', index: -1 } },
    { type: 'stream_event', event: { type: 'telepathy' } },
    { type: 'stream_event', event: { type: 'content_block_delta', delta: { type: 'telepathy' } } },
  ]) {
    assert.deepEqual(parse(value), { kind: 'ignored' });
  }
});

test('the names of objects’ own methods are no notices', () => {
  for (const subtype of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.equal(parse({ type: 'system', subtype }).kind, 'unrecognised');
  }
});

test('usage is the turn’s own, not the process’s', () => {
  const results = said('10', 'result');
  assert.equal(results.length, 3);
  const raw = recording('10')
    .out.map((line) => JSON.parse(line))
    .filter((m) => m.type === 'result');
  for (const [i, { usage }] of results.entries()) {
    const models = Object.values(raw[i].model_usage_since_last_result) as { costUSD: number }[];
    assert.equal(
      usage.costUsd,
      models.reduce((sum, { costUSD }) => sum + costUSD, 0),
    );
  }
  assert.ok(results.every(({ usage }) => usage.outputTokens > 0));
});

test('an interrupted turn has the CLI’s estimate of its usage', () => {
  const [interrupted] = said('30', 'result');
  assert.equal(interrupted?.terminalReason, 'aborted_streaming');
  assert.equal(interrupted?.isError, true);
});

test('an error of the API is told by its status, whatever the subtype says', () => {
  const [failed] = said('61', 'result');
  assert.equal(failed?.isError, true);
  assert.equal(failed?.apiErrorStatus, 400);
  assert.ok(failed?.error);
});

test('a turn that went well has no words of error', () => {
  const [done] = said('02', 'result');
  assert.equal(done?.isError, false);
  assert.equal(done?.error, null);
});

test('a retry tells how often and how long', () => {
  const [first] = said('62', 'retry');
  assert.equal(first?.attempt, 1);
  assert.equal(first?.status, 429);
  assert.ok((first?.delayMs ?? 0) >= 1_000);
});

test('a question carries what the tool would do and what could be allowed', () => {
  const [asked] = said('40', 'asks');
  assert.equal(asked?.request.toolName, 'Bash');
  assert.equal(typeof asked?.request.input.command, 'string');
  assert.ok(asked?.request.toolUseId?.startsWith('toolu_'));
  assert.ok((asked?.request.suggestions.length ?? 0) > 0);
});

test('a question that is taken back names the one that was asked', () => {
  const [asked] = said('44', 'asks');
  const [taken] = said('44', 'asksNoMore');
  assert.equal(taken?.requestId, asked?.requestId);
});

test('what the CLI says to itself as a user is ignored', () => {
  const replay = { type: 'user', isReplay: true, message: { role: 'user', content: 'hello' } };
  assert.deepEqual(parse(replay), { kind: 'ignored' });
});

test('parts of a tool result that are no text are named, not carried', () => {
  const content = [
    { type: 'text', text: 'seen' },
    { type: 'image', source: { data: 'AAAA' } },
  ];
  const part = { type: 'tool_result', tool_use_id: 't', content };
  const message = parse({ type: 'user', message: { content: [part] } });
  assert.ok(message.kind === 'toolResults');
  assert.equal(message.results[0]?.text, 'seen\n[image]');
});

test('a subagent’s stream is ignored, its whole messages name the tool that began it', () => {
  const event = { type: 'content_block_delta', delta: { type: 'text_delta', text: 'x' } };
  const streamed = parse({ type: 'stream_event', parent_tool_use_id: 'toolu_1', event });
  assert.deepEqual(streamed, { kind: 'ignored' });
  const whole = parse({
    type: 'assistant',
    parent_tool_use_id: 'toolu_1',
    message: { content: [] },
  });
  assert.ok(whole.kind === 'assistant' && whole.parentToolUseId === 'toolu_1');
});

test('[R28] tokens that are no whole number count as nothing: the ledger takes no other', () => {
  const odd = { inputTokens: 1.5, outputTokens: -3, cacheReadInputTokens: '4', costUSD: 0.5 };
  const line = { type: 'result', model_usage_since_last_result: { a: odd, b: { inputTokens: 7 } } };
  const result = parseLine(JSON.stringify(line));
  assert.ok(result.kind === 'result');
  const { inputTokens, outputTokens, cacheReadTokens, costUsd } = result.usage;
  assert.deepEqual([inputTokens, outputTokens, cacheReadTokens, costUsd], [7, 0, 0, 0.5]);
});
