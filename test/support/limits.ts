/** Limit rules as the server makes them from its settings. */
import type { LimitRule } from '../../src/store/store.ts';

export const HOUR_MS = 3_600_000;

export function limitHour(max: number): LimitRule {
  return { limit: 'hour', max, windowMs: HOUR_MS };
}

export function limitDay(max: number): LimitRule {
  return { limit: 'day', max, windowMs: 24 * HOUR_MS };
}
