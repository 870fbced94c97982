import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AguiEvent } from '../../../src/transport/protocol.ts';
import { activityOf } from '../../../src/ui/chat/activity.ts';
import { fold } from '../../../src/ui/chat/fold.ts';
import type { Thread, ToolItem } from '../../../src/ui/chat/thread.ts';
import { costWords, tokenWords } from '../../../src/ui/chat/usage.ts';

const custom = (name: string, value: object): AguiEvent => ({ type: 'CUSTOM', name, value });
const start: AguiEvent = {
  type: 'RUN_STARTED',
  threadId: 't',
  runId: 'r1',
  input: { threadId: 't', runId: 'r1', messages: [], tools: [], context: [] },
};

function folded(...events: AguiEvent[]) {
  const thread: Thread = { runs: [] };
  for (const event of [start, ...events]) fold(thread, event, 1_000);
  return thread.runs;
}

test('a retry is told until the next word comes', () => {
  const retry = custom('claude.api_retry', {
    attempt: 2,
    maxRetries: 4,
    delayMs: 3_000,
    status: 529,
  });
  const [busy] = folded(retry);
  assert.deepEqual(busy?.retry, { attempt: 2, maxRetries: 4, at: 4_000, status: 529 });
  const [back] = folded(retry, { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' });
  assert.equal(back?.retry, null);
});

test('what was withdrawn leaves one line, however often', () => {
  const words = (id: string): AguiEvent[] => [
    { type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: 'x' },
    { type: 'TEXT_MESSAGE_END', messageId: id },
  ];
  const gone = (id: string) => custom('withdrawn', { messageIds: [id] });
  const [run] = folded(...words('m1'), gone('m1'), ...words('m2'), gone('m2'), gone('m9'));
  assert.deepEqual(
    run?.items.map((item) => item.kind === 'note' && item.note),
    ['withdrawn'],
  );
});

test('compaction is an activity, then a line', () => {
  assert.equal(
    activityOf(folded(custom('claude.status', { status: 'compacting' })))?.label,
    'Summarising earlier messages',
  );
  const runs = folded(
    custom('claude.status', { status: 'compacting' }),
    custom('claude.compact_boundary', { compact_metadata: {} }),
    custom('claude.status', { status: null }),
  );
  assert.equal(activityOf(runs)?.label, 'Waiting for Claude');
  assert.equal(runs[0]?.items[0]?.kind, 'note');
});

test('a tool that was not allowed says so', () => {
  const [run] = folded(
    { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'Bash' },
    custom('claude.permission_denied', { toolName: 'Bash', toolUseId: 'c1', message: 'Not here.' }),
  );
  const call = run?.items[0] as ToolItem | undefined;
  assert.equal(call?.denied, 'Not here.');
});

test('a receipt belongs to the run it ended, and is shown only where it is whole', () => {
  const receipt = { limit: 'tokens', used: 9, max: 9, runTokens: 4, resetAt: 86_400_000 };
  const end: AguiEvent = { type: 'RUN_ERROR', code: 'limits.tokens', message: 'Used up.' };
  const [run] = folded(custom('receipt', receipt), end);
  assert.deepEqual(run?.receipt, receipt);
  assert.equal(run?.error?.code, 'limits.tokens');
  for (const broken of [{}, { ...receipt, used: 'all' }, { ...receipt, limit: 'hour' }])
    assert.equal(folded(custom('receipt', broken))[0]?.receipt, null);
});

test('what nobody knows changes nothing', () => {
  const before = folded()[0];
  for (const value of [{}, { status: 7 }, { messageIds: 'all' }] as object[])
    for (const name of ['claude.invented', 'withdrawn', 'claude.permission_denied'])
      assert.deepEqual(folded(custom(name, value))[0], before, name);
});

test('a run tells what it used; an interrupted one too', () => {
  const usage = [{ inputTokens: 1_200, outputTokens: 340, cachedInputTokens: 10 }];
  const [run] = folded({
    type: 'RUN_FINISHED',
    threadId: 't',
    runId: 'r1',
    outcome: { type: 'cancelled' },
    usage,
    result: { costUsd: 0.012, durationMs: 12_000 },
  });
  assert.deepEqual(run?.usage, {
    inputTokens: 1_200,
    outputTokens: 340,
    cacheReadTokens: 10,
    cacheWriteTokens: 0,
    costUsd: 0.012,
    durationMs: 12_000,
  });
  const [failed] = folded({ type: 'RUN_ERROR', message: 'no', code: 'claude.api', usage });
  assert.equal(failed?.usage?.outputTokens, 340);
  assert.equal(folded({ type: 'RUN_ERROR', message: 'no' })[0]?.usage, null);
});

test('numbers read as people say them', () => {
  assert.deepEqual([0, 950, 1_240, 34_200, 999_900, 1_234_000].map(tokenWords), [
    '0',
    '950',
    '1.2k',
    '34k',
    '1.0M',
    '1.2M',
  ]);
  assert.deepEqual([0, 0.0004, 0.012, 3.4].map(costWords), [
    '$0',
    'under $0.001',
    '$0.012',
    '$3.40',
  ]);
});
