/** Tokens, as the Messages API counts them. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export const NO_TOKENS: TokenCounts = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
};

/** Tokens as budgets count them. */
export function budgeted({ inputTokens, cacheWriteTokens, outputTokens }: TokenCounts): number {
  return inputTokens + cacheWriteTokens + outputTokens;
}
