/**
 * Reads one line of the CLI's `stream-json` output as one message. Never throws: a line that is no JSON is
 * `unrecognised`, and a field of the wrong type reads as empty.
 */

import { apiTokens } from './api-tokens.ts';
import { array, count, type Json, number, object, string, stringOrNull } from './json.ts';
import type { Block, ClaudeMessage, Speaker, TurnResult } from './message.ts';
import { readSystem } from './system-lines.ts';

/** Blocks of one message; what is kept of them is a list. */
const INDEX_MAX = 99_999;

const SILENT_TYPES = new Set([
  'command_lifecycle',
  'keep_alive',
  'rate_limit_event',
  'conversation_reset',
]);

/**
 * A text delta as the CLI writes it: nearly every line is one, and this reads it nine times faster than
 * JSON.parse does. No text with an escape matches, nor any other order of fields; they are parsed.
 */
const TEXT_DELTA =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a raw one is no JSON, and must not match
  /^\{"type":"stream_event","event":\{"type":"content_block_delta","index":(0|[1-9]\d{0,4}),"delta":\{"type":"text_delta","text":"([^"\\\x00-\x1f]*)"\}\},"session_id":"[\w-]+","parent_tool_use_id":null,"uuid":"[\w-]+"(?:,"api_message_id":"\w+")?\}$/;

export function parseLine(line: string): ClaudeMessage {
  const [, index, text] = TEXT_DELTA.exec(line) ?? [];
  if (text !== undefined) return { kind: 'delta', index: Number(index), of: 'text', text };
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { kind: 'unrecognised', what: 'not JSON' };
  }
  return readMessage(object(parsed));
}

function readMessage(m: Json): ClaudeMessage {
  switch (m.type) {
    case 'stream_event':
      // Subagents were never seen to stream; if one does, its `assistant` line still holds the text.
      return m.parent_tool_use_id ? { kind: 'ignored' } : readStreamEvent(object(m.event));
    case 'assistant':
      return readAssistant(m);
    case 'user':
      return readUser(m);
    case 'system':
      return readSystem(m);
    case 'result':
      return { kind: 'result', ...readResult(m) };
    case 'control_request':
      return readControlRequest(m);
    case 'control_cancel_request':
      return { kind: 'asksNoMore', requestId: string(m.request_id) };
    case 'control_response':
      return readControlResponse(object(m.response));
    default:
      return SILENT_TYPES.has(string(m.type))
        ? { kind: 'ignored' }
        : { kind: 'unrecognised', what: string(m.type).slice(0, 64) };
  }
}

function readStreamEvent(e: Json): ClaudeMessage {
  const index = number(e.index) ?? 0;
  if (!Number.isInteger(index) || index < 0 || index > INDEX_MAX) return { kind: 'ignored' };
  switch (e.type) {
    case 'content_block_delta':
      return readDelta(index, object(e.delta));
    case 'message_start':
      return {
        kind: 'messageStart',
        messageId: string(object(e.message).id),
        usage: apiTokens(object(object(e.message).usage)),
      };
    case 'message_delta':
      return { kind: 'messageUsage', usage: apiTokens(object(e.usage)) };
    case 'content_block_start':
      return { kind: 'blockStart', index, block: readBlock(e.content_block) };
    case 'content_block_stop':
      return { kind: 'blockStop', index };
    case 'message_stop':
      return { kind: 'request', isOut: false };
    default:
      return { kind: 'ignored' };
  }
}

function readDelta(index: number, d: Json): ClaudeMessage {
  switch (d.type) {
    case 'text_delta':
      return { kind: 'delta', index, of: 'text', text: string(d.text) };
    case 'thinking_delta':
      return { kind: 'delta', index, of: 'thinking', text: string(d.thinking) };
    case 'input_json_delta':
      return { kind: 'delta', index, of: 'input', text: string(d.partial_json) };
    default:
      return { kind: 'ignored' };
  }
}

function readBlock(value: unknown): Block {
  const b = object(value);
  switch (b.type) {
    case 'text':
      return { type: 'text', text: string(b.text) };
    case 'thinking':
      return { type: 'thinking', text: string(b.thinking) };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: string(b.id),
        name: string(b.name),
        input: b.input ?? {},
      };
    default:
      return { type: 'other' };
  }
}

function readAssistant(m: Json): ClaudeMessage {
  const message = object(m.message);
  return {
    kind: 'assistant',
    messageId: string(message.id),
    blocks: array(message.content).map(readBlock),
    usage: apiTokens(object(message.usage)),
    ...speakerOf(m),
  };
}

function speakerOf(m: Json): Speaker {
  const name = string(m.subagent_type) || string(m.task_description) || null;
  return {
    uuid: string(m.uuid),
    parentToolUseId: string(m.parent_tool_use_id) || null,
    subagentName: name,
  };
}

/** What a slash command says that needs no model; others answer by an `assistant` line. */
const COMMAND_SAYS = /^<local-command-std(?:out|err)>([\s\S]*)<\/local-command-std(?:out|err)>$/;

function readUser(m: Json): ClaudeMessage {
  const [, said = ''] = COMMAND_SAYS.exec(string(object(m.message).content)) ?? [];
  if (said.trim() !== '') {
    const blocks = [{ type: 'text' as const, text: said.trim() }];
    return { kind: 'assistant', messageId: string(m.uuid), blocks, ...speakerOf(m) };
  }
  const results = array(object(m.message).content)
    .map(object)
    .filter((part) => part.type === 'tool_result')
    .map((part) => ({
      toolUseId: string(part.tool_use_id),
      text: resultText(part.content),
      isError: part.is_error === true,
    }));
  // Other user lines are the CLI talking to itself: replays, "[Request interrupted by user]", summaries.
  if (results.length === 0) return { kind: 'ignored' };
  return { kind: 'toolResults', results, ...speakerOf(m) };
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  return array(content)
    .map(object)
    .map((part) => (part.type === 'text' ? string(part.text) : `[${string(part.type)}]`))
    .join('\n');
}

function readResult(m: Json): TurnResult {
  const isError = m.is_error === true;
  const errors = array(m.errors).map(string).join('; ');
  // `usage` is zero after an interrupt and `total_cost_usd` grows over the process: this field is the turn's own.
  const models = Object.values(object(m.model_usage_since_last_result)).map(object);
  const sum = (read: (model: Json) => number) =>
    models.reduce((total, model) => total + read(model), 0);
  return {
    isError,
    terminalReason: stringOrNull(m.terminal_reason),
    apiErrorStatus: number(m.api_error_status),
    error: isError ? stringOrNull(m.result) || errors || null : null,
    usage: {
      inputTokens: sum((model) => count(model.inputTokens)),
      outputTokens: sum((model) => count(model.outputTokens)),
      cacheReadTokens: sum((model) => count(model.cacheReadInputTokens)),
      cacheWriteTokens: sum((model) => count(model.cacheCreationInputTokens)),
      costUsd: sum((model) => number(model.costUSD) ?? 0),
      durationMs: number(m.duration_ms),
      turns: number(m.num_turns),
    },
  };
}

function readControlRequest(m: Json): ClaudeMessage {
  const request = object(m.request);
  if (request.subtype !== 'can_use_tool') {
    const what = `control_request ${string(request.subtype).slice(0, 64)}`;
    return { kind: 'asksUnknown', requestId: string(m.request_id), what };
  }
  return {
    kind: 'asks',
    requestId: string(m.request_id),
    request: {
      toolName: string(request.tool_name),
      toolUseId: stringOrNull(request.tool_use_id),
      input: object(request.input),
      title: stringOrNull(request.title),
      description: stringOrNull(request.description),
      reason: string(request.decision_reason) || string(request.decision_reason_type) || null,
      suggestions: array(request.permission_suggestions).map(object),
    },
  };
}

function readControlResponse(r: Json): ClaudeMessage {
  return {
    kind: 'reply',
    requestId: string(r.request_id),
    ok: r.subtype === 'success',
    response: object(r.response),
  };
}
