/** What a run used, read from its last event, and in words. */
import { language, words } from '../words/words.ts';
import type { EventOf, Usage } from './thread.ts';

type End = EventOf<'RUN_FINISHED'> | EventOf<'RUN_ERROR'>;

export function usageIn(event: End): Usage | null {
  const result = 'result' in event ? (event.result as Record<string, unknown> | undefined) : {};
  if (!event.usage && !result) return null;
  const sum = (
    field: 'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'cacheWriteInputTokens',
  ) => (event.usage ?? []).reduce((total, one) => total + (one[field] ?? 0), 0);
  const usage: Usage = {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cacheReadTokens: sum('cachedInputTokens'),
    cacheWriteTokens: sum('cacheWriteInputTokens'),
    costUsd: numberOrNull(result?.costUsd),
    durationMs: numberOrNull(result?.durationMs),
  };
  const isTold = usage.inputTokens + usage.outputTokens > 0 || usage.durationMs !== null;
  return isTold ? usage : null;
}

/** `950`, `1.2k`, `34k`, `1.2M`. */
export function tokenWords(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  const [size, unit] = tokens < 999_500 ? [tokens / 1_000, 'k'] : [tokens / 1_000_000, 'M'];
  return `${size < 10 ? decimal(size) : Math.round(size)}${unit}`;
}

/** `$0.012`, `$3.40`; under a tenth of a cent that is said, not rounded to nothing. */
export function costWords(usd: number): string {
  if (usd === 0) return dollars(0, 0);
  if (usd < 0.001) return words.chat.underCost(dollars(0.001, 3));
  return dollars(usd, usd < 1 ? 3 : 2);
}

/** US dollars to so many places, as the reader's language writes them. */
export function dollars(usd: number, places: number): string {
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return usd.toLocaleString(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    ...digits,
  });
}

function decimal(value: number): string {
  return value.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
