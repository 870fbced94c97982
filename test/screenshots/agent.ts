#!/usr/bin/env node
/**
 * Stands for the CLI while pictures of the page are taken: it speaks stream-json like it, and plays one of the
 * scenes of `scenes.ts` for each prompt. It runs nothing and reads nothing.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Step, sceneFor } from './scenes.ts';

type Fields = Record<string, unknown>;

if (process.argv.includes('--version')) {
  process.stdout.write('2.1.330 (Claude Code)\n');
  process.exit(0);
}

const WORD_MS = 4;
const answers = new Map<string, (answer: Fields) => void>();
let messageId = '';
let index = 0;

function say(line: Fields): void {
  process.stdout.write(`${JSON.stringify({ ...line, uuid: randomUUID() })}\n`);
}

function event(fields: Fields): void {
  say({ type: 'stream_event', event: fields, parent_tool_use_id: null });
}

createInterface({ input: process.stdin }).on('line', (line) => hear(JSON.parse(line) as Fields));
process.stdin.on('end', () => process.exit(0));

function hear({ type, message, request_id, response }: Fields): void {
  if (type === 'control_request') {
    say({ type: 'control_response', response: { subtype: 'success', request_id, response: {} } });
  } else if (type === 'control_response') {
    const said = response as Fields;
    answers.get(String(said.request_id))?.(said.response as Fields);
  } else if (type === 'user') void play(JSON.stringify(message));
}

async function play(prompt: string): Promise<void> {
  say({ type: 'system', subtype: 'init', model: 'opus', permissionMode: 'default', tools: [] });
  begin();
  for (const step of sceneFor(prompt)) await take(step);
  event({ type: 'message_stop' });
  const usage = {
    opus: {
      inputTokens: 4_210,
      outputTokens: 1_386,
      cacheReadInputTokens: 31_400,
      costUSD: 0.0612,
    },
  };
  say({
    type: 'result',
    subtype: 'success',
    is_error: false,
    num_turns: 1,
    duration_ms: 48_200,
    total_cost_usd: 0.0612,
    model_usage_since_last_result: usage,
  });
}

async function take(step: Step): Promise<void> {
  if ('think' in step) return block({ type: 'thinking', thinking: '' }, 'thinking', step.think);
  if ('say' in step) return block({ type: 'text', text: '' }, 'text', step.say, step.wordMs);
  const { tool: name, input, result } = step;
  const id = `toolu_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  await block({ type: 'tool_use', id, name, input: {} }, 'input', JSON.stringify(input));
  event({ type: 'message_stop' });
  if (step.asks) await leave(name, input, id);
  const part = { type: 'tool_result', tool_use_id: id, content: result };
  say({ type: 'user', message: { role: 'user', content: [part] }, parent_tool_use_id: null });
  begin();
}

/** Waits for a person's word, whatever it is. */
function leave(tool_name: string, input: Fields, tool_use_id: string): Promise<Fields> {
  const request_id = randomUUID();
  const request = { subtype: 'can_use_tool', tool_name, tool_use_id, input };
  say({ type: 'control_request', request_id, request });
  return new Promise((resolve) => answers.set(request_id, resolve));
}

function begin(): void {
  messageId = `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  index = 0;
  event({ type: 'message_start', message: { id: messageId, role: 'assistant', content: [] } });
}

async function block(
  content_block: Fields,
  of: 'text' | 'thinking' | 'input',
  text: string,
  wordMs = WORD_MS,
): Promise<void> {
  const at = index++;
  event({ type: 'content_block_start', index: at, content_block });
  const [type, field] = of === 'input' ? ['input_json_delta', 'partial_json'] : [`${of}_delta`, of];
  for (const word of text.match(/\s*\S+\s*/gu) ?? []) {
    await sleep(wordMs);
    event({ type: 'content_block_delta', index: at, delta: { type, [field]: word } });
  }
  const full = { ...content_block, [of]: of === 'input' ? JSON.parse(text) : text };
  const message = { id: messageId, role: 'assistant', content: [full] };
  say({ type: 'assistant', message, parent_tool_use_id: null });
  event({ type: 'content_block_stop', index: at });
}
