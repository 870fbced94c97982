/** Tokens as the Messages API tells them: `usage` of a message, of its beginning or of a change to it. */
import type { TokenCounts } from '../tokens.ts';
import { count, type Json } from './json.ts';

export function apiTokens(usage: Json): TokenCounts {
  return {
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    cacheReadTokens: count(usage.cache_read_input_tokens),
    cacheWriteTokens: count(usage.cache_creation_input_tokens),
  };
}
