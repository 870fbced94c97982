import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { encodeRow } from '../../src/transport/fanout.ts';
import { ChatAnswerLine } from '../../src/transport/legacy/chat-answer-line.ts';
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

/** What one answer gathers of these events. */
function gathered(events: readonly AguiEvent[]): string[] {
  const answers: string[] = [];
  const response = new EventEmitter() as unknown as ServerResponse;
  const line = new ChatAnswerLine(response, null, (text) => answers.push(text));
  for (const [i, event] of events.entries())
    line.push(encodeRow({ term: 1, seq: i + 1, runId: 'r', chunk: JSON.stringify(event) }));
  return answers;
}

const say = (messageId: string, delta: string): AguiEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId,
  delta,
});
const END: AguiEvent = {
  type: 'RUN_FINISHED',
  threadId: 't',
  runId: 'r',
  outcome: { type: 'success' },
};

test('[CS9] a whole answer leaves out what was withdrawn', () => {
  const withdrawn: AguiEvent = { type: 'CUSTOM', name: 'withdrawn', value: { messageIds: ['b'] } };
  const events = [say('a', 'One. '), say('b', 'Tw'), withdrawn, say('c', 'Two.'), END];
  assert.deepEqual(gathered(events), ['One. Two.']);
});

test('[CS9] a whole answer is cut behind 1 Mi units; what was withdrawn makes room', () => {
  const mebi = 2 ** 20;
  const withdrawn: AguiEvent = { type: 'CUSTOM', name: 'withdrawn', value: { messageIds: ['a'] } };
  const [cut] = gathered([say('a', 'x'.repeat(mebi - 1)), say('b', 'yz'), say('b', 'z'), END]);
  assert.equal(cut, `${'x'.repeat(mebi - 1)}y`);
  const freed = gathered([say('a', 'x'.repeat(mebi)), withdrawn, say('b', 'yz'), END]);
  assert.deepEqual(freed, ['yz']);
});
