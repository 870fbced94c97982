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

/** Totals only grow: of two readings the later. */
export function later(a: TokenCounts, b: TokenCounts): TokenCounts {
  return each((field) => Math.max(a[field], b[field]));
}

/** What came to `a` since it was `b`; never below zero. */
export function since(a: TokenCounts, b: TokenCounts): TokenCounts {
  return each((field) => Math.max(0, a[field] - b[field]));
}

function each(count: (field: keyof TokenCounts) => number): TokenCounts {
  return {
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    cacheReadTokens: count('cacheReadTokens'),
    cacheWriteTokens: count('cacheWriteTokens'),
  };
}
