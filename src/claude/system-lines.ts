/** `system` lines: what Claude Code tells about itself, its subagents and its context. */
import { array, type Json, number, object, string, stringOrNull } from './json.ts';
import type { ClaudeMessage } from './message.ts';

/** Known, and nothing to show. */
const SILENT = new Set([
  'background_tasks_changed',
  'informational',
  'model_refusal_no_fallback',
  'task_updated',
  'thinking_tokens',
  'ui_invalidate',
]);

export function readSystem(m: Json): ClaudeMessage {
  const subtype = string(m.subtype);
  switch (subtype) {
    case 'init':
      return {
        kind: 'init',
        sessionId: string(m.session_id),
        model: stringOrNull(m.model),
        permissionMode: stringOrNull(m.permissionMode),
        version: stringOrNull(m.claude_code_version),
        tools: array(m.tools).map(string),
      };
    case 'api_retry':
      return {
        kind: 'retry',
        attempt: number(m.attempt) ?? 0,
        maxRetries: number(m.max_retries) ?? 0,
        delayMs: number(m.retry_delay_ms) ?? 0,
        status: number(m.error_status),
      };
    case 'status':
      return m.status === 'requesting'
        ? { kind: 'request', isOut: true }
        : { kind: 'compacting', on: m.status === 'compacting' };
    case 'task_started':
      return readTaskStarted(m);
    case 'task_notification':
      return readTaskEnded(m);
    default: {
      const value = noticeOf(subtype, m);
      if (value !== null) return { kind: 'notice', name: subtype, value };
      return SILENT.has(subtype)
        ? { kind: 'ignored' }
        : { kind: 'unrecognised', what: `system ${subtype.slice(0, 64)}` };
    }
  }
}

/** What goes on to clients, field by field; null: not of a kind that does. */
function noticeOf(subtype: string, m: Json): Record<string, unknown> | null {
  switch (subtype) {
    case 'compact_boundary': {
      const { trigger, pre_tokens, post_tokens } = object(m.compact_metadata);
      return {
        trigger: stringOrNull(trigger),
        preTokens: number(pre_tokens),
        postTokens: number(post_tokens),
      };
    }
    case 'model_fallback':
      return {
        trigger: stringOrNull(m.trigger),
        originalModel: stringOrNull(m.original_model),
        fallbackModel: stringOrNull(m.fallback_model),
      };
    case 'permission_denied': {
      const message = stringOrNull(m.message)?.slice(0, WORDS_MAX);
      const denied = { toolName: string(m.tool_name), toolUseId: stringOrNull(m.tool_use_id) };
      return { ...denied, ...(message !== undefined && { message }) };
    }
    case 'task_progress':
      return {
        taskId: string(m.task_id),
        toolUseId: stringOrNull(m.tool_use_id),
        description: string(m.description).slice(0, WORDS_MAX),
        lastToolName: stringOrNull(m.last_tool_name),
        totalTokens: number(object(m.usage).total_tokens),
      };
    default:
      return null;
  }
}

/** UTF-16 units of a sentence that a notice passes on. */
const WORDS_MAX = 2_000;

/** Background commands are tasks as well; only subagents have a lane. */
function readTaskStarted(m: Json): ClaudeMessage {
  const toolUseId = string(m.tool_use_id);
  if (m.task_type !== 'local_agent' || toolUseId === '') return { kind: 'ignored' };
  const description = string(m.description).slice(0, WORDS_MAX) || null;
  return {
    kind: 'subagentStarted',
    toolUseId,
    name: string(m.subagent_type) || description || 'subagent',
    description,
    isBackground: m.is_backgrounded === true,
  };
}

function readTaskEnded(m: Json): ClaudeMessage {
  const { status } = m;
  const how = status === 'completed' || status === 'failed' ? status : 'stopped';
  const summary = string(m.summary).slice(0, WORDS_MAX);
  return { kind: 'subagentEnded', toolUseId: string(m.tool_use_id), how, summary };
}
