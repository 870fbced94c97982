/**
 * What the CLI says, one line each, reduced to what Greenroom uses. The CLI adds kinds with its releases:
 * what is not known is `unrecognised`. Shapes were recorded from Claude Code 2.1.330.
 */
import type { TokenCounts } from '../tokens.ts';

export type ClaudeMessage =
  | {
      kind: 'init';
      sessionId: string;
      model: string | null;
      permissionMode: string | null;
      version: string | null;
      tools: string[];
    }
  /** `usage`: of its input, as the API tells it. */
  | { kind: 'messageStart'; messageId: string; usage?: TokenCounts }
  /** Totals of the message that is being streamed. */
  | { kind: 'messageUsage'; usage: TokenCounts }
  | { kind: 'blockStart'; index: number; block: Block }
  | { kind: 'delta'; index: number; of: 'text' | 'thinking' | 'input'; text: string }
  | { kind: 'blockStop'; index: number }
  | ({ kind: 'assistant'; messageId: string; blocks: Block[]; usage?: TokenCounts } & Speaker)
  | ({ kind: 'toolResults'; results: ToolResult[] } & Speaker)
  | ({ kind: 'subagentStarted' } & SubagentStart)
  | ({ kind: 'subagentEnded' } & SubagentEnd)
  /** A request to the API goes out, or is over. A retry goes out without one of these. */
  | { kind: 'request'; isOut: boolean }
  | { kind: 'retry'; attempt: number; maxRetries: number; delayMs: number; status: number | null }
  | { kind: 'compacting'; on: boolean }
  | { kind: 'notice'; name: string; value: Record<string, unknown> }
  | ({ kind: 'result' } & TurnResult)
  | { kind: 'asks'; requestId: string; request: PermissionRequest }
  | { kind: 'asksNoMore'; requestId: string }
  /** A request that only an error can answer: nobody here knows its kind. */
  | { kind: 'asksUnknown'; requestId: string; what: string }
  | { kind: 'reply'; requestId: string; ok: boolean; response: Record<string, unknown> }
  | { kind: 'ignored' }
  | { kind: 'unrecognised'; what: string };

/** Whose line it is: the tool call that began the subagent, or null for Claude's own. */
export interface Speaker {
  /** The line's own, under which the CLI's transcript keeps it. */
  uuid: string;
  parentToolUseId: string | null;
  /** What the line itself calls the subagent. */
  subagentName: string | null;
}

export interface SubagentStart {
  toolUseId: string;
  name: string;
  description: string | null;
  /** It outlives its tool call, and the turn. */
  isBackground: boolean;
}

export interface SubagentEnd {
  toolUseId: string;
  how: 'completed' | 'failed' | 'stopped';
  /** What became of it, in the CLI's words. */
  summary: string;
}

/** A content block of the Messages API, reduced to what is shown. */
export type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown }
  | { type: 'other' };

export interface ToolResult {
  toolUseId: string;
  text: string;
  isError: boolean;
}

export interface PermissionRequest {
  toolName: string;
  toolUseId: string | null;
  input: Record<string, unknown>;
  title: string | null;
  description: string | null;
  /** Why the CLI asks, as it says it. */
  reason: string | null;
  suggestions: Record<string, unknown>[];
}

/** How a turn ended. `subtype` is not here: "success" is also how API errors arrive. */
export interface TurnResult {
  isError: boolean;
  terminalReason: string | null;
  apiErrorStatus: number | null;
  /** The CLI's own words about an error, else null. */
  error: string | null;
  usage: TurnUsage;
}

/** What one turn used, over all models; what was counted while it streamed, where the CLI tells nothing. */
export interface TurnUsage extends TokenCounts {
  costUsd: number;
  durationMs: number | null;
  /** Requests to the model, by the CLI's count. */
  turns: number | null;
}
