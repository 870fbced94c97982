/** What a turn used, as the events that end a run tell it. */
import type { TurnUsage } from '../claude/message.ts';
import type { TokenUsage } from '../transport/protocol.ts';

export function tokenUsage(usage: TurnUsage): TokenUsage {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cachedInputTokens: usage.cacheReadTokens,
    cacheWriteInputTokens: usage.cacheWriteTokens,
  };
}

export function costOf(usage: TurnUsage | null) {
  if (usage === null) return {};
  const { costUsd, durationMs, turns } = usage;
  const spent = { ...(durationMs !== null && { durationMs }), ...(turns !== null && { turns }) };
  return { usage: [tokenUsage(usage)], result: { costUsd, ...spent } };
}
