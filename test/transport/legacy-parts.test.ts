import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partOfChunk } from '../../src/transport/legacy/parts.ts';
import { sayThrottled } from '../../src/transport/legacy/sentences.ts';
import type { AguiEvent } from '../../src/transport/protocol.ts';

const partOf = (event: AguiEvent, page: string | null = null) =>
  partOfChunk(JSON.stringify(event), page);

test('[CS3] what Claude says is told; what a subagent says, thoughts and tools are not', () => {
  const said = { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hi' } as const;
  assert.deepEqual(partOf(said), { type: 'said', messageId: 'm', text: 'Hi' });
  assert.equal(partOf({ ...said, subagentRunId: 's' }), null);
  assert.equal(partOf({ type: 'REASONING_MESSAGE_CONTENT', messageId: 'm', delta: 'Hm' }), null);
  assert.equal(partOf({ type: 'TOOL_CALL_ARGS', toolCallId: 't', delta: '{}' }), null);
  assert.equal(partOf({ type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' }), null);
  assert.equal(partOf({ type: 'CUSTOM', name: 'receipt', value: {} }), null);
});

test('[CS6] a question without a public URL names no address', () => {
  const interrupts = ['Bash', 'Write', 'Bash'].map((toolName, i) => ({
    id: `i${i}`,
    reason: 'approval_required',
    metadata: { toolName },
  }));
  const outcome = { type: 'interrupt' as const, interrupts };
  const part = partOf({ type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome });
  assert.ok(part?.type === 'ended' && part.failure);
  assert.match(part.failure.message, /approval to use Bash, Write\. Answer at the chat’s own page/);
});

test('[CS4] a limit’s wait is said in whole units, and never too short', () => {
  const said = (retryAfterMs: number | null) =>
    sayThrottled({ limit: 'day', max: 5, remaining: 0, resetAt: null, retryAfterMs });
  assert.match(said(0), /5 prompts a day\. Try again in 1 second\.$/);
  assert.match(said(1_001), /in 2 seconds\.$/);
  assert.match(said(120_001), /in 3 minutes\.$/);
  assert.match(said(7_200_001), /in 3 hours\.$/);
  assert.match(said(null), /later\.$/);
});
